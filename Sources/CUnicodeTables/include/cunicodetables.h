/* Written by scripts/gen-unicode. Do not edit. */
#pragma once
#include "cunicode_normalization.h"
#include "cunicode_properties.h"
#include "cunicode_traits.h"
