// libyaml, the YAML 1.1 reader.
#ifndef CYAML_H
#define CYAML_H

#include <yaml.h>

#endif
