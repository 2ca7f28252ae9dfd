#include "extract/boiler.h"
static const struct boiler_node nodes[] = { { BOILER_LEAF, 0, 1 } };
static const uint32_t roots[] = { 0 };
const struct boiler_model boiler_first = { nodes, roots, 1 }, boiler_second = { nodes, roots, 1 };
