// Settings of what lies beside the log: the schema registry, the S3 server, the ClickHouse server.

import type { Settings } from './setting.ts'

export const storeSettings = {
  schemaRegistryUrl: {
    kind: 'text',
    unit: 'URL',
    default: '',
    about:
      'Confluent API of a schema registry, as http://localhost:8081; empty: schema ids are kept in the data folder, or that of `npm run stack` with its brokers.',
  },
  schemaRegistryUser: { kind: 'text', unit: 'text', default: '', about: 'User at the registry; empty: none.' },
  schemaRegistryPassword: {
    kind: 'text',
    unit: 'text',
    default: '',
    isSecret: true,
    about: 'Password at the registry; never shown. Set it in the environment.',
  },
  s3Bucket: {
    kind: 'text',
    unit: 'text',
    default: '',
    about:
      'Bucket for models and snapshots of state; empty: they lie in the data folder, or in that of `npm run stack` with its brokers.',
  },
  s3Endpoint: {
    kind: 'text',
    unit: 'URL',
    default: '',
    about: 'Of a server that speaks like S3, as http://localhost:9000; empty: AWS.',
  },
  s3Region: { kind: 'text', unit: 'text', default: 'us-east-1', about: 'Region of the bucket.' },
  s3Prefix: {
    kind: 'text',
    unit: 'text',
    default: '',
    about: 'Before every key, such as team/slipstream/, so that several pipelines can share a bucket.',
  },
  s3AccessKey: {
    kind: 'text',
    unit: 'text',
    default: '',
    isSecret: true,
    about: 'Access key; empty: as the AWS SDK finds it (environment, role of the machine). Never shown.',
  },
  s3SecretKey: {
    kind: 'text',
    unit: 'text',
    default: '',
    isSecret: true,
    about: 'Secret key; never shown. Set it in the environment.',
  },
  warehouse: {
    kind: 'text',
    unit: 'auto, chdb, clickhouse or none',
    default: 'auto',
    about:
      'Where the topics are copied for questions in SQL. auto: the server of clickhouseUrl; else, with `up`, the embedded ClickHouse if it is installed.',
  },
  warehouseKeepDays: {
    kind: 'number',
    unit: 'days',
    default: 0,
    min: 0,
    max: 36_500,
    about: 'Of event time, after which rows leave the warehouse (TTL); 0: never. A replay of an old year needs 0.',
  },
  clickhouseUrl: {
    kind: 'text',
    unit: 'URL',
    default: '',
    about: 'HTTP interface of a ClickHouse server, of one replica, as http://localhost:8123; empty: none.',
  },
  clickhouseUser: { kind: 'text', unit: 'text', default: 'default', about: 'User at the ClickHouse server.' },
  clickhousePassword: {
    kind: 'text',
    unit: 'text',
    default: '',
    isSecret: true,
    about: 'Password at the ClickHouse server; never shown. Set it in the environment.',
  },
  clickhouseDatabase: {
    kind: 'text',
    unit: 'text',
    default: 'slipstream',
    about: 'Database of the tables, made if it is missing; one pipeline a database.',
  },
  clickhouseCluster: {
    kind: 'text',
    unit: 'text',
    default: '',
    about: 'Cluster whose replicas hold the tables (ON CLUSTER, ReplicatedReplacingMergeTree); empty: one server.',
  },
} as const satisfies Settings
