import type { z } from 'zod';
import { homeSchema } from '../../workers/home.ts';
import { hostsSchema } from '../../workers/images/host-rule.ts';
import { s3Schema } from '../../workers/images/s3-client.ts';
import { notifySchema } from '../../workers/notify/open-channel.ts';
import { adminSchema } from '../../workers/operation/admin-token.ts';
import { schemaTable } from './schema-table.ts';

const parts: readonly (readonly [title: string, schema: z.ZodType, remark: string])[] = [
  [
    '状态在哪里 Where state lives',
    homeSchema,
    'Without any of them everything is in one folder. A mistake ends the command with exit code 2 and a line that names the variable.',
  ],
  [
    'S3',
    s3Schema,
    'Credentials are found where the AWS SDK looks for them: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `~/.aws`, the instance.',
  ],
  [
    '网络 Network',
    hostsSchema,
    '`NODE_EXTRA_CA_CERTS` names a file of authorities (PEM) that are trusted besides those of the system: for `https://`, `rediss://`, S3 and PostgreSQL.',
  ],
  ['消息 Messages', notifySchema, ''],
  ['管理 Administration', adminSchema, ''],
];

/** Variables of tests, trainings and evaluations: nobody who runs the product needs them. */
const developing: Readonly<Record<string, string>> = {
  TIANWATCH_LONG: 'set: long tests in their full form (`npm run test:long`)',
  TIANWATCH_KILLS: 'how often the tests of kills kill',
  TIANWATCH_SHARED: 'folder of the imagery that tests and evaluations read; default `../shared`',
  TIANWATCH_TRAINING: 'folder of trainings',
  TIANWATCH_PYTHON: 'Python with the packages of the training recipe',
  TIANWATCH_SHAPELY_PYTHON: 'Python with shapely, for benches',
  TIANWATCH_SERVICES: 'folder of the servers that `scripts/services.sh` starts',
};

/** Every variable that the product reads, from the schemas that parse them. */
export function configurationPage(): string {
  const chapters = parts.map(([title, schema, remark]) =>
    [`## ${title}`, remark, schemaTable(schema, 'input')].filter((text) => text !== '').join('\n\n'),
  );
  const rows = Object.entries(developing).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return [
    '# Configuration 配置',
    `环境变量是唯一的配置方式；systemd 下写在 \`/etc/tianwatch/tianwatch.env\`。每条命令读同样的变量。
Environment variables are all there is to set; under systemd they stand in \`/etc/tianwatch/tianwatch.env\`. Every command reads the same ones.
Rules and tables that shape results are files of [config/](../config/README.md).`,
    ...chapters,
    '## 开发 Development',
    ['| variable | meaning |', '|---|---|', ...rows].join('\n'),
  ].join('\n\n');
}
