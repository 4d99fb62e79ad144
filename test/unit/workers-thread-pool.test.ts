import { afterAll, describe, expect, it } from 'vitest';
import { openThreadPool } from '../../workers/pool/thread-pool.ts';
import type { EchoInput, EchoOutput } from '../support/echo.thread.ts';

const add = (...numbers: number[]): EchoInput => ({ do: 'add', numbers: Float32Array.from(numbers) });

describe('the thread pool', () => {
  const pool = openThreadPool<EchoInput, EchoOutput>({
    entry: new URL('../support/echo.thread.ts', import.meta.url),
    threads: 2,
    data: { offset: 1 },
  });
  afterAll(() => pool.close());

  it('answers many calls with few threads, each with its own result', async () => {
    const outputs = await Promise.all(Array.from({ length: 20 }, (_, index) => pool.run(add(index, 1))));
    expect(outputs.map(({ sum }) => sum)).toEqual(Array.from({ length: 20 }, (_, index) => index + 3));
  });

  it('moves buffers into the thread instead of copying them', async () => {
    const numbers = Float32Array.from([1, 2]);
    await pool.run({ do: 'add', numbers }, { transfer: [numbers.buffer] });
    expect(numbers.length).toBe(0);
  });

  it('gives an error of the thread with its code, words and details', async () => {
    await expect(pool.run({ do: 'fail' })).rejects.toMatchObject({
      name: 'AppError',
      code: 'MODEL_MISMATCH',
      todo: 'Take another.',
      details: { bands: 3 },
    });
  });

  it('calls a dead thread UNAVAILABLE, which is tried again, and replaces it', async () => {
    const others = Promise.all([pool.run(add(1)), pool.run(add(2))]);
    await expect(Promise.all([pool.run({ do: 'die' }), pool.run({ do: 'die' })])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('exit code 7'),
    });
    expect((await others).map(({ sum }) => sum)).toEqual([2, 3]);
    expect((await pool.run(add(5))).sum).toBe(6);
  });

  it('lets go of a call that is given up, waiting or under way, and goes on', async () => {
    const giveUp = new AbortController();
    const calls = Array.from({ length: 3 }, () => pool.run({ do: 'hang' }, { signal: giveUp.signal }));
    giveUp.abort();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await pool.run(add(1, 1))).sum).toBe(4);
  });

  it('refuses calls after it is closed, and ends those under way', async () => {
    const other = openThreadPool<EchoInput, EchoOutput>({
      entry: new URL('../support/echo.thread.ts', import.meta.url),
      threads: 1,
      data: { offset: 0 },
    });
    const hanging = other.run({ do: 'hang' });
    const closing = other.close();
    await expect(hanging).rejects.toMatchObject({ code: 'CANCELLED' });
    await closing;
    await expect(other.run(add(1))).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
