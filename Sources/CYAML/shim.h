// libyaml, the YAML 1.1 reader.
#ifndef CYAML_H
#define CYAML_H

// The C headers behind yaml.h must look the same as in CLinux, or Swift sees two different versions of their types.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <yaml.h>

#endif
