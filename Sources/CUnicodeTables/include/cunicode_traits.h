/* Written by scripts/gen-unicode. Do not edit. */
#pragma once
#include <stdint.h>

extern const uint16_t cunicodedata_traits_engines[];
static inline const uint16_t *cunicode_traits_engines(void) { return cunicodedata_traits_engines; }
static inline uint32_t cunicode_traits_engines_count(void) { return 7172; }
extern const uint16_t cunicodedata_traits_newest[];
static inline const uint16_t *cunicode_traits_newest(void) { return cunicodedata_traits_newest; }
static inline uint32_t cunicode_traits_newest_count(void) { return 7172; }
extern const uint8_t cunicodedata_traits_blocks[];
static inline const uint8_t *cunicode_traits_blocks(void) { return cunicodedata_traits_blocks; }
static inline uint32_t cunicode_traits_blocks_count(void) { return 39040; }
