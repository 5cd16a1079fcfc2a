/* Plantower PMS5003 and its family: dust, by a laser, over a UART of 9600 baud. */
#ifndef TML_SENSORS_PMS5003_H
#define TML_SENSORS_PMS5003_H

#include "tml/sensor.h"

#define TML_PMS5003_FRAME_BYTES 32u

typedef struct {
    tml_sensor_place_t place;
    uint8_t frame[TML_PMS5003_FRAME_BYTES]; /* the driver's own, as what follows */
    uint8_t used;
} tml_pms5003_t;

/* The sensor; it refers to `driver`, which must last. */
tml_sensor_t tml_pms5003_sensor(tml_pms5003_t *driver);

#endif
