/* Windows that overlap. The window is a ring of the latest samples; before the model sees it, it is
 * turned in place until the oldest is first. It needs no memory of its own, and a host goes on
 * reading all samples of the ring. */
#include "node.h"

static void reverse(int16_t *values, uint32_t begin, uint32_t end) {
    while (begin + 1u < end) {
        const int16_t value = values[begin];
        values[begin++] = values[--end];
        values[end] = value;
    }
}

/* What is at `first` comes to the start: both parts reversed, then the whole. */
static void turn(int16_t *values, uint32_t count, uint32_t first) {
    reverse(values, 0, first);
    reverse(values, first, count);
    reverse(values, 0, count);
}

bool tml_node_hop_ends(tml_node_t *node) {
    const tml_front_end_t *front_end = node->memory.model->front_end;
    const uint32_t channels = front_end->channels;
    if (node->sampled_kept < front_end->window) {
        node->hop_filled = node->hop - 1u;
        return false;
    }
    if (++node->hop_filled < node->hop) {
        return false;
    }
    node->hop_filled = 0;
    if (node->sampled_slot > 0) {
        int16_t *samples = (int16_t *)(void *)node->memory.window;
        turn(samples, front_end->window * channels, node->sampled_slot * channels);
        node->sampled_slot = 0;
    }
    return true;
}
