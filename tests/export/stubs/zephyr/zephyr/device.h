#ifndef ZEPHYR_DEVICE_H
#define ZEPHYR_DEVICE_H

struct device {
    const char *name;
};

extern const struct device stub_console;
#define DT_CHOSEN(name) stub_##name
#define DEVICE_DT_GET(node) (&stub_console)

#endif
