/* Source: Zephyr API documentation, Kernel Services. */
#ifndef ZEPHYR_KERNEL_H
#define ZEPHYR_KERNEL_H

#include <stdint.h>

typedef struct {
    int64_t ms;
} k_timeout_t;
#define K_MSEC(value) ((k_timeout_t){(int64_t)(value)})

struct k_sem {
    volatile int count;
};
#define K_SEM_DEFINE(name, initial, limit) struct k_sem name = {initial}

void k_sem_give(struct k_sem *semaphore);
int k_sem_take(struct k_sem *semaphore, k_timeout_t timeout);
int64_t k_uptime_get(void);
int64_t k_uptime_ticks(void);
uint64_t k_ticks_to_us_floor64(uint64_t ticks);

#endif
