/* The second boot stage, which the RP2040's ROM copies into RAM and calls once its CRC is right:
 * sets the serial flash up for execution in place, and starts the image behind it.
 * Source: RP2040 datasheet, 2.8.1 (boot sequence), 4.10 (SSI). Every serial flash knows command 03. */
    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .section .boot, "ax"

    .equ SSI, 0x18000000
    .equ SSI_CTRLR0, 0x00
    .equ SSI_CTRLR1, 0x04
    .equ SSI_SSIENR, 0x08
    .equ SSI_BAUDR, 0x14
    .equ SSI_SPI_CTRLR0, 0xF4
    .equ VTOR, 0xE000ED08

boot:
    ldr r3, =SSI
    movs r0, #0
    str r0, [r3, #SSI_SSIENR]       /* off, while it is set up */
    movs r0, #4                     /* clock / 4: within every flash's limit at 125 MHz */
    str r0, [r3, #SSI_BAUDR]
    ldr r0, =(31 << 16) | (3 << 8)  /* frames of 32 bits, EEPROM read */
    str r0, [r3, #SSI_CTRLR0]
    movs r0, #0                     /* one frame a read */
    str r0, [r3, #SSI_CTRLR1]
    ldr r0, =(3 << 24) | (2 << 8) | (6 << 2) /* command 03, 8 bits; address, 24 bits */
    movs r1, #SSI_SPI_CTRLR0
    str r0, [r3, r1]
    movs r0, #1
    str r0, [r3, #SSI_SSIENR]

    ldr r0, =vectors                /* stack pointer and entry as the core itself would */
    ldr r1, =VTOR
    str r0, [r1]
    ldmia r0, {r0, r1}
    msr msp, r0
    bx r1

    .equ vectors, 0x10000100
    .ltorg

    .org 252, 0
    .word 0xABD9855D /* of the 252 bytes before; a test computes it */
