/* Lets libFuzzer see where it gets in C code that gcc has compiled: gcc calls this function on every branch (-fsanitize-coverage=trace-pc), and
   libFuzzer takes a section of this name for counters. Clang would need none of this. */

#include <stdint.h>

#define COUNTERS_LOG2 16

__attribute__((section("__libfuzzer_extra_counters"), used)) static uint8_t counters[1 << COUNTERS_LOG2];

__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void) {
    uint64_t place = (uint64_t)(uintptr_t)__builtin_return_address(0);
    /* Fibonacci hashing: 2^64 divided by the golden ratio. */
    counters[(place * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - COUNTERS_LOG2)]++;
}

/* gcc also tells comparisons of floats, for which libFuzzer has no use. */
__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_cmpf(float a, float b) { (void)a; (void)b; }
__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_cmpd(double a, double b) { (void)a; (void)b; }
