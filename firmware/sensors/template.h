/* A driver to start from; see template.c. Here stands what the application must say (where the
 * sensor is), and what the driver keeps between two calls. */
#ifndef TML_SENSORS_TEMPLATE_H
#define TML_SENSORS_TEMPLATE_H

#include "tml/sensor.h"

#include <stdbool.h>

typedef struct {
    tml_sensor_place_t place;
    bool measuring;
} tml_template_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_template_sensor(tml_template_t *driver);

#endif
