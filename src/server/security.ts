// Who may talk to this server at all. There are no accounts yet, so a server on the loopback address must not be
// steered by a web page that its reader happens to open:
//
//   Host    a page on evil.example can point its own name at 127.0.0.1 (DNS rebinding) and is then of the same origin.
//           So requests that arrive over loopback must name an IP address, localhost or a host named in the settings.
//   Origin  browsers let any page open a WebSocket anywhere. So the socket takes no other origin than its own,
//           nor does the route without a body that kills the process, which also takes no request from elsewhere.
//           For the routes the browser's own rule holds: there is no CORS here, and only application/json is taken.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import { Failure } from '../lib/failure.ts'

export function addSecurityHeaders(app: FastifyInstance): void {
  app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // The chart library and the map place things with style attributes.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Plain HTTP on loopback must go on working; TLS and its headers belong to what stands in front.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
    originAgentCluster: false,
  })
}

/** @throws Failure HOST_REFUSED */
export function checkHost(request: IncomingMessage, hostNames: readonly string[]): void {
  if (!isLoopbackAddress(request.socket.localAddress ?? '')) return
  const host = hostNameOf(request.headers.host)
  if (host === 'localhost' || isIP(host) !== 0 || hostNames.includes(host)) return
  throw new Failure('HOST_REFUSED', 'this host name is not one that Slipstream answers to on the loopback address', {
    field: 'host',
    help: 'Use localhost or 127.0.0.1.',
  })
}

/** @throws Failure HOST_REFUSED */
export function checkOrigin({ headers }: IncomingMessage): void {
  // Programs send none.
  if (headers.origin === undefined) return
  const origin = URL.parse(headers.origin)
  if (origin !== null && origin.host === headers.host?.toLowerCase()) return
  throw new Failure('HOST_REFUSED', 'only pages of its own origin may do that', {
    field: 'origin',
  })
}

/** What only somebody at this machine may do. @throws Failure HOST_REFUSED */
export function checkLoopback(address: string): void {
  if (isLoopbackAddress(address)) return
  throw new Failure('HOST_REFUSED', 'this is done from the machine itself only')
}

const isLoopbackAddress = (address: string) =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.')

/** `[::1]:8080` as `::1`. */
function hostNameOf(header: string | undefined): string {
  const name = URL.parse(`http://${header ?? ''}`)?.hostname ?? ''
  return name.replace(/^\[(.*)\]$/, '$1')
}
