// A Raspberry Pi Pico on rp2040js, at most at the speed of the real one.
//
//   node rp2040.mjs MODULES UART FLASH SEED [ADDRESS HEX]
//
// MODULES is the folder with rp2040js, UART the TCP port of this machine at which this program connects
// its UART 0. FLASH is the flash's content. SEED makes the ring oscillator's random bits; HEX
// goes to ADDRESS in RAM before the start. Each line on the standard input means the reset pin; its
// end ends the program.
//
// It does what the chip's ROM does: checks the CRC of the second boot stage, copies it to the end of
// the RAM and calls it. Source: RP2040 datasheet, 2.8.1 and 2.17.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import readline from 'node:readline';

const [modules, uartPort, flashPath, seed, address, hex] = process.argv.slice(2);
const { RP2040 } = createRequire(modules + '/')('rp2040js');

const FLASH = 0x10000000;
const RAM = 0x20000000;
const BOOT_COPY = 0x20041f00;
const BOOT_BYTES = 256;
const ROSC = 0x40060; // pages of 4 KB
const ROSC_RANDOM_BIT = 0x1c;
const NANOSECONDS_A_CYCLE = 8;
const MOST_INSTRUCTIONS = 50000; // between looks at the outside
const LATEST_NS = 50e6; // behind by more, it does not try to catch up
const FIFO_BYTES = 16;

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    }
  }
  return crc >>> 0;
}

const flash = fs.readFileSync(flashPath);
if (crc32(flash.subarray(0, BOOT_BYTES - 4)) !== flash.readUInt32LE(BOOT_BYTES - 4)) {
  console.error('the second boot stage has a wrong CRC');
  process.exit(1);
}

// The finisher of splitmix32 over a counter.
let state = Number(seed) >>> 0;
function randomBit() {
  state = (state + 0x9e3779b9) >>> 0;
  let value = state;
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return (value >>> 15) & 1;
}

let chip;
let restart = false;
let waiting = [];

// A new chip with the old one's RAM, which keeps its content over a reset.
function powerUp(ram) {
  chip = new RP2040();
  chip.logger = { debug() {}, info() {}, warn() {}, error() {} };
  chip.flash.set(flash);
  chip.sram.set(ram);
  chip.peripherals[ROSC] = {
    readUint32: (offset) => (offset === ROSC_RANDOM_BIT ? randomBit() : 0),
    writeUint32() {},
    writeUint32Atomic() {},
  };
  chip.uart[0].onByte = (byte) => client.write(Uint8Array.of(byte));
  chip.peripherals[0x40058].onWatchdogTrigger = () => { restart = true; };
  chip.sram.set(flash.subarray(0, BOOT_BYTES), BOOT_COPY - RAM);
  chip.core.PC = BOOT_COPY;
  base = nowNs();
}

let base = 0; // when the chip's clock was 0
const nowNs = () => performance.now() * 1e6;

function run() {
  const { core, clock, uart } = chip;
  const now = nowNs();
  if (now - base - clock.nanos > LATEST_NS) base = now - clock.nanos;
  const until = now - base;
  for (let i = 0; i < MOST_INSTRUCTIONS && clock.nanos < until && !restart; i++) {
    if (waiting.length > 0 && uart[0].rxFIFO.itemCount < FIFO_BYTES) {
      uart[0].feedByte(waiting.shift());
    }
    if (core.waiting) {
      clock.tick(Math.max(1, Math.min(clock.nanosToNextAlarm || until, until - clock.nanos)));
    } else {
      clock.tick(core.executeInstruction() * NANOSECONDS_A_CYCLE);
    }
  }
  const busy = clock.nanos < until;
  if (restart) {
    restart = false;
    powerUp(chip.sram);
  }
  if (busy) setImmediate(run);
  else setTimeout(run, 1);
}

const ram = new Uint8Array(264 * 1024);
if (address) ram.set(Buffer.from(hex, 'hex'), Number(address) - RAM);
powerUp(ram);
readline.createInterface({ input: process.stdin })
  .on('line', () => { restart = true; })
  .on('close', () => process.exit(0));
const client = net.connect(Number(uartPort), '127.0.0.1');
client.setNoDelay(true);
client.on('data', (data) => waiting.push(...data));
client.on('error', () => process.exit(0));
client.on('close', () => process.exit(0));
client.on('connect', run);
