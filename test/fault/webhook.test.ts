import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { putOutbox } from '../../workers/database/alert-rows.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import { countUnsent } from '../../workers/database/outbox-rows.ts';
import type { PglitePool } from '../../workers/database/pglite.ts';
import type { Channel, Message } from '../../workers/notify/channel.ts';
import { openFileChannel } from '../../workers/notify/file-channel.ts';
import { openChannel } from '../../workers/notify/open-channel.ts';
import { pauseAfterMs, sendMessages } from '../../workers/notify/send-messages.ts';

const secret = 'a secret of more than 16';
const begunMs = Date.parse('2026-11-27T08:00:00Z');

/** A receiver that answers what the test says, and keeps what it took. */
async function openReceiver(answers: number[]) {
  const taken: { body: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      const status = answers.shift() ?? 200;
      if (status < 300) taken.push({ body, headers: request.headers });
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () => new Promise((resolve) => server.close(resolve));
  return { taken, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=1`, close };
}

describe('messages about alerts', () => {
  let folder = '';
  let pool: PglitePool;
  let nowMs = begunMs;
  const now = () => new Date(nowMs);
  const pass = (channel: Channel) => sendMessages(pool, { channel, now });
  const tell = (alert: string, kind: string, minute: number) =>
    putOutbox(
      pool,
      [
        {
          subject: 'alert',
          subjectId: alert,
          kind,
          body: { severity: 'high', because: { date: kind } },
          at: now().toISOString(),
        },
      ],
      new Date(begunMs + minute * 60_000).toISOString(),
    );
  const webhook = (url: string): Channel => {
    const channel = openChannel(now, { TIANWATCH_NOTIFY: url, TIANWATCH_NOTIFY_SECRET: secret });
    if (channel === null) throw new Error('no channel');
    return channel;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-notify-'));
    pool = await openEmbedded(folder, migrate);
  });
  afterEach(async () => {
    nowMs = begunMs;
    await pool.query('DELETE FROM tianwatch.outbox');
  });
  afterAll(async () => {
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });

  it('arrive once at a webhook that says 500 and then 200, signed, and not before they are due', async () => {
    const receiver = await openReceiver([500, 503, 200]);
    const channel = webhook(receiver.url);
    expect(channel.name).not.toContain('key=1');
    await tell('a1', 'alert-opened', -1);
    expect(await pass(channel)).toMatchObject({ sent: 0, failed: 1, left: 1, why: expect.stringContaining('500') });
    expect(await pass(channel)).toMatchObject({ sent: 0, failed: 0, left: 1 });
    nowMs += pauseAfterMs(1, true);
    expect(await pass(channel)).toMatchObject({ failed: 1, why: expect.stringContaining('503') });
    nowMs += pauseAfterMs(2, true);
    expect(await pass(channel)).toEqual({ sent: 1, failed: 0, left: 0, why: null });
    nowMs += 3_600_000;
    expect(await pass(channel)).toEqual({ sent: 0, failed: 0, left: 0, why: null });
    expect(receiver.taken).toHaveLength(1);
    const [{ body, headers }] = receiver.taken as [(typeof receiver.taken)[0]];
    const message = JSON.parse(body) as Message;
    expect(message).toMatchObject({ format: 'tianwatch-message/1', alert: 'a1', kind: 'alert-opened' });
    expect(message.zh).toContain('疑似');
    expect(headers['tianwatch-delivery']).toBe(message.key);
    const [, seconds, hash] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['tianwatch-signature'])) ?? [];
    expect(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')).toBe(hash);
    await receiver.close();
  });

  it('wait for a webhook that is away, is moved or refuses, and say what to do', async () => {
    const receiver = await openReceiver([302, 401]);
    await tell('a1', 'alert-opened', -1);
    const moved = await pass(webhook(receiver.url));
    expect(moved).toMatchObject({ sent: 0, failed: 1, why: expect.stringMatching(/302.*Check the address/) });
    nowMs += 3_600_000;
    expect((await pass(webhook(receiver.url))).why).toMatch(/401/);
    await receiver.close();
    nowMs += 3_600_000;
    expect((await pass(webhook(receiver.url))).why).toMatch(/^UNAVAILABLE: .*does not answer/);
    expect(await countUnsent(pool)).toBe(1);
  });

  it('of one alert keep their order, and hold up no other alert', async () => {
    const receiver = await openReceiver([500]);
    await tell('a1', 'alert-opened', -3);
    await tell('a1', 'alert-grew', -2);
    await tell('a2', 'alert-opened', -1);
    expect(await pass(webhook(receiver.url))).toMatchObject({ sent: 1, failed: 1, left: 2 });
    nowMs += pauseAfterMs(1, true);
    expect(await pass(webhook(receiver.url))).toMatchObject({ sent: 2, left: 0 });
    expect(receiver.taken.map(({ body }) => (JSON.parse(body) as Message).kind)).toEqual([
      'alert-opened',
      'alert-opened',
      'alert-grew',
    ]);
    await receiver.close();
  });

  it('are there once when the sender dies before it records, and when several send at once', async () => {
    const box = join(folder, 'box');
    const channel = openFileChannel(box);
    for (let i = 0; i < 12; i += 1) await tell(`a${i}`, 'alert-opened', -1);
    const dies = (message: Message) => channel.send(message).then(() => Promise.reject(new Error('killed')));
    expect(await pass({ name: 'dies', send: dies })).toMatchObject({ sent: 0, failed: 12 });
    nowMs += 3_600_000;
    const passes = await Promise.all([pass(channel), pass(channel), pass(channel)]);
    expect(passes.reduce((sum, { sent }) => sum + sent, 0)).toBe(12);
    const files = await readdir(box);
    expect(files).toHaveLength(12);
    const message = JSON.parse(await readFile(join(box, files[0] ?? ''), 'utf8')) as Message;
    expect(`${message.key}.json`).toBe(files[0]);
  });

  it('refuse settings that cannot be meant', () => {
    expect(openChannel(now, {})).toBeNull();
    expect(() => openChannel(now, { TIANWATCH_NOTIFY: 'messages' })).toThrow(/neither an absolute path nor/);
    expect(() =>
      openChannel(now, { TIANWATCH_NOTIFY: 'https://a.example/', TIANWATCH_NOTIFY_SECRET: 'short' }),
    ).toThrow(/has 5 characters/);
  });
});
