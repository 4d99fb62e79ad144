// Loaded before a command and each of its threads: once the file of `TIANWATCH_TEST_JUMP` = `<file>,<by ms>` is there the clock is
// another, as a corrected system clock is.
import { existsSync } from 'node:fs';

const [file = '', by = '0'] = (process.env.TIANWATCH_TEST_JUMP ?? '').split(',');
const { now } = Date;
let hasJumped = false;
let lookedMs = 0;
Date.now = () => {
  if (!hasJumped && performance.now() - lookedMs > 10) {
    lookedMs = performance.now();
    hasJumped = existsSync(file);
  }
  return hasJumped ? now() + Number(by) : now();
};
globalThis.Date = new Proxy(Date, {
  construct: (Real, args) => (args.length > 0 ? new Real(...args) : new Real(Date.now())),
});
