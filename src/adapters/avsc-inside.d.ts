// What avro-type uses of avsc 5.7.9: the types alone, without its files, containers and services, which every thread
// would load for nothing.

declare module 'avsc/lib/types.js' {
  import type avro from 'avsc'

  const types: Pick<typeof avro, 'Type'>
  export default types
}
