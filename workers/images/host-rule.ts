import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';

export const hostsSchema = z.object({
  TIANWATCH_HOSTS: z
    .string()
    .optional()
    .describe(
      '允许访问的主机 / hosts that may be asked over the network, comma-separated: names and addresses, `*.domain`, `*` for every public host; default: none',
    ),
});

/** Which hosts may be asked over the network. */
export interface HostRule {
  /** @throws AppError INPUT_INVALID when this URL may not be asked */
  check(url: URL): void;
  /** resolves a name and hands out addresses that were checked: what is connected to is what was looked at */
  readonly lookup: LookupFunction;
}

const todo = (host: string) =>
  `Add ${host} to TIANWATCH_HOSTS (comma-separated: names, addresses, *.domain; * for every public host) if it may be asked.`;

/** Addresses that are no place on the public internet. @see IANA IPv4 and IPv6 Special-Purpose Address Registries */
const inner = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inner.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inner.addSubnet(address, bits, 'ipv6');

/** Private, loopback, link-local, multicast or reserved; an IPv4 address inside an IPv6 one counts as itself. */
export function isInnerAddress(address: string): boolean {
  return inner.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The rule that TIANWATCH_HOSTS holds. Without it no host may be asked. A host that is named exactly may also be private and
 * speak plain HTTP; `*.domain` and `*` stand for public hosts with HTTPS.
 */
export function hostRule(env: Readonly<Record<string, string | undefined>> = process.env): HostRule {
  const entries = (env['TIANWATCH_HOSTS'] ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  const isNamed = (host: string): boolean => entries.includes(host);
  const isListed = (host: string): boolean =>
    isNamed(host) ||
    entries.some((entry) => entry === '*' || (entry.startsWith('*.') && host.endsWith(entry.slice(1))));
  const requirePublic = (host: string, address: string): void => {
    if (isNamed(host) || !isInnerAddress(address)) return;
    const message = `${host} is at ${address}, which is no public address.`;
    throw new AppError('INPUT_INVALID', message, todo(host), { host, address });
  };

  return {
    check(url) {
      const host = hostOf(url);
      if (url.username !== '' || url.password !== '')
        throw new AppError(
          'INPUT_INVALID',
          `The URL for ${host} holds a user name or password.`,
          'URLs stand in reports: give one without.',
        );
      if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isNamed(host)))
        throw new AppError(
          'INPUT_INVALID',
          `${url.origin} would be asked without encryption.`,
          url.protocol === 'http:' ? `Give an https URL. ${todo(host)}` : 'Give a path, s3:// or https:// URL.',
          { host },
        );
      if (!isListed(host))
        throw new AppError('INPUT_INVALID', `${host} is no host that may be asked.`, todo(host), { host });
      if (isIP(host) !== 0) requirePublic(host, host);
    },
    lookup(host, options, callback) {
      resolveName(host, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, '');
        try {
          for (const { address } of addresses) requirePublic(host.toLowerCase(), address);
        } catch (refused) {
          return callback(refused as AppError, '');
        }
        if (options.all) return callback(null, addresses);
        const [first] = addresses;
        return callback(null, first?.address ?? '', first?.family);
      });
    },
  };
}

/** Host name, lower case, or address without brackets. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
