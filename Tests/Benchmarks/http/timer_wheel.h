// A hashed timer wheel of one-millisecond slots for intrusive timers.
#ifndef SMG_BENCH_TIMER_WHEEL_H
#define SMG_BENCH_TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Slots, a power of two; a timer further away stays in its slot for more than one turn.
#define WHEEL_SLOTS 4096u

/// A timer, embedded in what it belongs to.
struct timer {
    struct timer *next, *previous;  // `previous` is NULL for the first of a slot
    uint64_t due_ms;
    bool armed;
};

/// The wheel; zeroed memory with `now_ms` set is an empty one.
struct wheel {
    struct timer *slots[WHEEL_SLOTS];
    uint64_t now_ms;  // every slot up to this time has been visited
    size_t armed;
};

static inline void wheel_insert(struct wheel *wheel, struct timer *timer) {
    struct timer **slot = &wheel->slots[timer->due_ms % WHEEL_SLOTS];
    timer->previous = NULL;
    timer->next = *slot;
    if (*slot) (*slot)->previous = timer;
    *slot = timer;
}

/// Arms a timer that is not armed; a time already visited becomes the next millisecond.
static inline void wheel_arm(struct wheel *wheel, struct timer *timer, uint64_t due_ms) {
    timer->due_ms = due_ms > wheel->now_ms ? due_ms : wheel->now_ms + 1;
    timer->armed = true;
    wheel->armed++;
    wheel_insert(wheel, timer);
}

/// Takes a timer out, if it is in.
static inline void wheel_cancel(struct wheel *wheel, struct timer *timer) {
    if (!timer->armed) return;
    timer->armed = false;
    wheel->armed--;
    if (timer->next) timer->next->previous = timer->previous;
    if (timer->previous) timer->previous->next = timer->next;
    else wheel->slots[timer->due_ms % WHEEL_SLOTS] = timer->next;
}

/// Moves on to `now_ms` and fires what is due. A callback may arm, or cancel, its own timer only.
static inline void wheel_advance(struct wheel *wheel, uint64_t now_ms, void (*fire)(struct timer *)) {
    while (wheel->now_ms < now_ms) {
        wheel->now_ms++;
        struct timer **slot = &wheel->slots[wheel->now_ms % WHEEL_SLOTS];
        struct timer *timer = *slot;
        *slot = NULL;
        while (timer) {
            struct timer *next = timer->next;
            if (timer->due_ms > wheel->now_ms) {
                wheel_insert(wheel, timer);
            } else {
                timer->armed = false;
                wheel->armed--;
                fire(timer);
            }
            timer = next;
        }
    }
}

#endif
