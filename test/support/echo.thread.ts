import { AppError } from '../../pipeline/errors.ts';
import { serveThread, threadData } from '../../workers/pool/serve-thread.ts';

export interface EchoInput {
  readonly do: 'add' | 'fail' | 'die' | 'hang';
  readonly numbers?: Float32Array<ArrayBuffer>;
}
export interface EchoOutput {
  readonly sum: number;
  readonly numbers: Float32Array<ArrayBuffer>;
}

const { offset } = threadData() as { offset: number };

serveThread<EchoInput, EchoOutput>(async (input, signal) => {
  if (input.do === 'fail') throw new AppError('MODEL_MISMATCH', 'It does not fit.', 'Take another.', { bands: 3 });
  if (input.do === 'die') process.exit(7);
  if (input.do === 'hang') {
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => undefined, 1000);
      signal.addEventListener('abort', () => {
        clearInterval(timer);
        resolve();
      });
    });
    throw new AppError('CANCELLED', 'Given up.', '');
  }
  const numbers = (input.numbers ?? new Float32Array(0)).map((number) => number + offset);
  const output = { sum: numbers.reduce((sum, number) => sum + number, 0), numbers };
  return { output, transfer: [numbers.buffer] };
});
