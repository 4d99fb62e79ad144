import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { AppError } from '../../pipeline/errors.ts';

/** `s3://bucket/key`; the key may be empty, and has no slash at its ends. */
export interface S3Place {
  readonly bucket: string;
  readonly key: string;
}

/** @throws AppError CONFIG_INVALID for what is no `s3://bucket/key` */
export function parseS3Url(url: string): S3Place {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(url) ?? [];
  if (bucket === undefined)
    throw new AppError('CONFIG_INVALID', `${url} is no place in S3.`, 'Write s3://bucket/key.', { url });
  return { bucket, key: key.replaceAll(/^\/+|\/+$/g, '') };
}

export const s3Schema = z.object({
  TIANWATCH_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('S3 服务地址 / http(s) address of an S3 that is not AWS; path style'),
  AWS_REGION: z.string().min(1).optional().describe('区域 / region of the bucket; default `us-east-1`'),
  AWS_DEFAULT_REGION: z.string().min(1).optional().describe('区域 / region where AWS_REGION is absent'),
  AWS_NO_SIGN_REQUEST: z.enum(['YES', 'NO']).optional().describe('匿名读取 / YES: ask as nobody, for open buckets'),
});

const rules =
  'TIANWATCH_S3_ENDPOINT is an http(s) URL, AWS_NO_SIGN_REQUEST is YES or NO; leave out what is not needed.';

/** Where S3 is, for messages. */
export function endpointOf(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env['TIANWATCH_S3_ENDPOINT'] || 'AWS';
}

/**
 * A client for TIANWATCH_S3_ENDPOINT (path style), or for AWS without one. Credentials are found where the SDK looks for
 * them (AWS_ACCESS_KEY_ID …, ~/.aws, the instance); AWS_NO_SIGN_REQUEST=YES asks as nobody.
 *
 * @throws AppError CONFIG_INVALID for a variable that cannot be understood
 */
export function openS3Client(env: Readonly<Record<string, string | undefined>> = process.env): S3Client {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = s3Schema.safeParse(given);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0]);
    throw new AppError('CONFIG_INVALID', `${name} is ${JSON.stringify(env[name])}.`, rules, { name });
  }
  const { TIANWATCH_S3_ENDPOINT: endpoint, AWS_REGION, AWS_DEFAULT_REGION, AWS_NO_SIGN_REQUEST } = parsed.data;
  // the SDK is pinned; which later version leaves this Node is no news to who runs a command
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return new S3Client({
    region: AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1',
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(AWS_NO_SIGN_REQUEST === 'YES' && {
      credentials: { accessKeyId: 'nobody', secretAccessKey: 'nobody' },
      signer: { sign: async (request) => request },
    }),
    // simple servers store streamed checksums as part of the object; ours are in the object itself
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
  });
}
