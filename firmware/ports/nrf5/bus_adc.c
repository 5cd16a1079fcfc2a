/* ADC of the nRF5. Inputs 0 to 7 are AIN0 to AIN7, input 8 is the supply; up to 3.6 V, and never
 * more than the supply.
 *
 * Source: nRF51 Series Reference Manual v3.0, ADC; nRF52840 Product Specification v1.7, SAADC. */
#include "bus_nrf5.h"

#if TML_BUS_HAS_ADC

#include "tml/port.h"

#define SUPPLY 8u
#define FULL_MICROVOLTS 3600000 /* a reference of 1.2 V behind 1/3, or of 0.6 V behind 1/6 */
#define LIMIT_US 10000u

static bool await(uintptr_t event) {
    const uint64_t begun_us = tml_port_monotonic_us();
    while (!REGISTER(event)) {
        if (tml_port_monotonic_us() - begun_us > LIMIT_US) {
            return false;
        }
    }
    REGISTER(event) = 0;
    return true;
}

static int32_t microvolts_of(int32_t count, uint32_t bits) {
    return (int32_t)((int64_t)count * FULL_MICROVOLTS >> bits);
}

#if TML_NRF5_SERIES == 51
#define ADC_START REGISTER(0x40007000u)
#define ADC_STOP REGISTER(0x40007004u)
#define ADC_DONE 0x40007100u
#define ADC_ENABLE REGISTER(0x40007500u)
#define ADC_SETTINGS REGISTER(0x40007504u)
#define ADC_RESULT REGISTER(0x40007508u)
#define COUNT_BITS 10u
#define RESOLUTION_10_BITS 2u
#define INPUT_BY_THREE (2u << 2)
#define SUPPLY_BY_THREE (6u << 2)
#define INPUT_SHIFT 8u /* a bit an input */

tml_bus_status_t tml_nrf5_adc(void *context, uint8_t input, int32_t *microvolts) {
    (void)context;
    if (input > SUPPLY) {
        return TML_BUS_NONE;
    }
    const uint32_t source =
        input == SUPPLY ? SUPPLY_BY_THREE : INPUT_BY_THREE | 1u << (INPUT_SHIFT + input);
    ADC_SETTINGS = RESOLUTION_10_BITS | source;
    ADC_ENABLE = 1;
    REGISTER(ADC_DONE) = 0;
    ADC_START = 1;
    const bool done = await(ADC_DONE);
    *microvolts = microvolts_of((int32_t)ADC_RESULT, COUNT_BITS);
    ADC_STOP = 1; /* it draws current until then */
    ADC_ENABLE = 0;
    return done ? TML_BUS_OK : TML_BUS_TIMEOUT;
}
#else
#define SAADC_START REGISTER(0x40007000u)
#define SAADC_SAMPLE REGISTER(0x40007004u)
#define SAADC_STOP REGISTER(0x40007008u)
#define SAADC_CALIBRATE REGISTER(0x4000700Cu)
#define SAADC_STARTED 0x40007100u
#define SAADC_END 0x40007104u
#define SAADC_CALIBRATED 0x40007110u
#define SAADC_STOPPED 0x40007114u
#define SAADC_ENABLE REGISTER(0x40007500u)
#define SAADC_INPUT REGISTER(0x40007510u)
#define SAADC_SETTINGS REGISTER(0x40007518u)
#define ACQUIRES_40_US (5u << 16) /* for sources of up to 800 kOhm */
#define SAADC_RESOLUTION REGISTER(0x400075F0u)
#define RESOLUTION_12_BITS 2u
#define COUNT_BITS 12u
#define SAADC_PLACE REGISTER(0x4000762Cu)
#define SAADC_MOST REGISTER(0x40007630u)
#define SUPPLY_INPUT 9u

static bool calibrated;

static bool calibrate(void) {
    REGISTER(SAADC_CALIBRATED) = 0;
    SAADC_CALIBRATE = 1;
    return await(SAADC_CALIBRATED);
}

static bool convert(volatile int16_t *count) {
    SAADC_PLACE = (uint32_t)(uintptr_t)count;
    SAADC_MOST = 1;
    REGISTER(SAADC_STARTED) = 0;
    SAADC_START = 1;
    if (!await(SAADC_STARTED)) {
        return false;
    }
    REGISTER(SAADC_END) = 0;
    SAADC_SAMPLE = 1;
    const bool done = await(SAADC_END);
    REGISTER(SAADC_STOPPED) = 0;
    SAADC_STOP = 1;
    return await(SAADC_STOPPED) && done;
}

tml_bus_status_t tml_nrf5_adc(void *context, uint8_t input, int32_t *microvolts) {
    (void)context;
    if (input > SUPPLY) {
        return TML_BUS_NONE;
    }
    volatile int16_t count = 0;
    SAADC_ENABLE = 1;
    SAADC_RESOLUTION = RESOLUTION_12_BITS;
    SAADC_INPUT = input == SUPPLY ? SUPPLY_INPUT : input + 1u;
    SAADC_SETTINGS = ACQUIRES_40_US; /* single-ended, gain 1/6, the reference inside */
    calibrated = calibrated || calibrate();
    const bool done = calibrated && convert(&count);
    SAADC_ENABLE = 0;
    SAADC_INPUT = 0;
    *microvolts = microvolts_of(count < 0 ? 0 : count, COUNT_BITS); /* noise goes below zero */
    return done ? TML_BUS_OK : TML_BUS_TIMEOUT;
}
#endif

#endif
