// libyaml, the YAML 1.1 reader.
#include <yaml.h>
