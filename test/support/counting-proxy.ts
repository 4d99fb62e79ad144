import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that counts what comes back through it. */
export interface CountingProxy {
  readonly url: string;
  readonly counted: { bytes: number };
  close(): Promise<void>;
}

/** @param target `http://host:port` */
export async function countingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  const counted = { bytes: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => [near, far].forEach((end) => end.destroy()));
    }
    far.on('data', (bytes: Buffer) => (counted.bytes += bytes.length));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counted,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
