import { Failure } from '../lib/failure.ts'

/** Addresses are names joined by '/', such as `models/3f9a`. They come from records, so they are not to be trusted. */
const addressPattern = /^[A-Za-z0-9_-][A-Za-z0-9._=@+-]*(\/[A-Za-z0-9_-][A-Za-z0-9._=@+-]*)*$/
const addressLengthMax = 900

/** @throws Failure BLOB_MISSING: nothing can ever be there */
export function assertAddress(address: string): void {
  if (address.length <= addressLengthMax && addressPattern.test(address)) return
  throw new Failure('BLOB_MISSING', `${JSON.stringify(address.slice(0, 100))} is not an address of a blob`, {
    help: 'Addresses are names of letters, digits and ._=@+- joined by a slash; none starts with a dot.',
  })
}

export function missing(address: string, cause?: unknown): Failure {
  return new Failure('BLOB_MISSING', `there is no blob ${address}`, { cause })
}
