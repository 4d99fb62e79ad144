import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Server, type Socket, createConnection, createServer } from 'node:net';
import { dirname, join } from 'node:path';

/** `sun_path` holds 108 bytes with its final zero; a longer path is reached through an open handle of its folder. */
const longestPathBytes = 107;

interface Way {
  readonly path: string;
  close(): Promise<void>;
}

async function wayTo(path: string): Promise<Way> {
  if (Buffer.byteLength(path) <= longestPathBytes) return { path, close: () => Promise.resolve() };
  const folder: FileHandle = await open(dirname(path), 'r');
  return {
    path: join(`/proc/self/fd/${folder.fd}`, path.slice(dirname(path).length + 1)),
    close: () => folder.close(),
  };
}

export interface Listening {
  close(): Promise<void>;
}

/** Listen on a Unix socket file. The caller holds the folder's lock, so a file left there is a dead one. */
export async function listenOn(path: string, onConnection: (socket: Socket) => void): Promise<Listening> {
  const way = await wayTo(path);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // a client that goes away is no error of ours
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  try {
    await rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: way.path, readableAll: false, writableAll: false }, resolve);
    });
  } catch (error) {
    await way.close();
    throw error;
  }
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.end();
      const impatience = setTimeout(() => sockets.forEach((socket) => socket.destroy()), 500);
      await closed;
      clearTimeout(impatience);
      await way.close();
    },
  };
}

/** @returns null when nobody answers there */
export async function connectTo(path: string): Promise<Socket | null> {
  const way = await wayTo(path).catch(() => null);
  if (!way) return null;
  try {
    return await new Promise<Socket | null>((resolve) => {
      const socket = createConnection({ path: way.path });
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.once('error', () => resolve(null));
    });
  } finally {
    await way.close();
  }
}

/** Calls `onLine` for each whole line; a line longer than `maxBytes` ends the connection. */
export function readLines(socket: Socket, onLine: (line: string) => void, maxBytes = 4 << 20): void {
  let held = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (held + text).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
    if (held.length > maxBytes) socket.destroy();
  });
}
