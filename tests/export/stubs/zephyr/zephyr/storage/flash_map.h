/* Source: Zephyr API documentation, Flash map. */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FIXED_PARTITION_EXISTS(label) 1
#define FIXED_PARTITION_ID(label) 7

struct flash_area {
    uint8_t fa_id;
    off_t fa_off;
    size_t fa_size;
};

int flash_area_open(uint8_t id, const struct flash_area **area);
int flash_area_read(const struct flash_area *area, off_t offset, void *data, size_t bytes);
int flash_area_write(const struct flash_area *area, off_t offset, const void *data, size_t bytes);
int flash_area_flatten(const struct flash_area *area, off_t offset, size_t bytes);
uint32_t flash_area_align(const struct flash_area *area);
