import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server of one test that answers as it is told. */
export interface AnsweringServer {
  /** without a slash at its end */
  readonly url: string;
  close(): Promise<void>;
}

/** @param tls key and certificate; null for plain HTTP */
export async function answering(listener: RequestListener, tls: ServerOptions | null = null): Promise<AnsweringServer> {
  const server = tls === null ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
