import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });

export const hasOpenssl = (() => {
  try {
    openssl('version');
    return true;
  } catch {
    return false;
  }
})();

/** Paths of PEM files. */
export interface MadeCertificates {
  readonly authority: string;
  readonly key: string;
  /** of 127.0.0.1, for two days from now */
  readonly good: string;
  /** likewise, and over since yesterday */
  readonly expired: string;
}

/** An authority of one test, and what it signed. @param folder absolute; it exists */
export function makeCertificates(folder: string): MadeCertificates {
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1\n');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;
  const authority = [
    '-keyout',
    at('authority.key'),
    '-out',
    at('authority.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=of a test',
  ];
  openssl('req', '-x509', ...newKey, ...authority);
  openssl('req', ...newKey, '-keyout', at('server.key'), '-out', at('server.csr'), '-subj', '/CN=127.0.0.1');
  const sign = (name: string, days: string): string => {
    const by = ['-CA', at('authority.pem'), '-CAkey', at('authority.key'), '-CAcreateserial', '-extfile', at('names')];
    openssl('x509', '-req', '-in', at('server.csr'), ...by, '-days', days, '-out', at(name));
    return at(name);
  };
  return {
    authority: at('authority.pem'),
    key: at('server.key'),
    good: sign('good.pem', '2'),
    expired: sign('expired.pem', '-1'),
  };
}
