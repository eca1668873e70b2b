// The built page. Files with a hash in their name never change and are kept for a year; all others are asked for again.
// Its pages have addresses without a file, which it reads itself (src/web/address.ts): they get index.html.

import fs from 'node:fs'
import path from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pathOf } from './problem.ts'

const hashed = /[-.][A-Za-z0-9_]{8,}\.(?:js|css|svg|png|woff2|json)$/
const pages = /^\/(?:drift(?:\/[^/]+)?|models)?$/

export function addWebPage(app: FastifyInstance, folder: string): void {
  app.register(async scope => {
    const schema = { hide: true }
    const handler = (request: FastifyRequest, reply: FastifyReply) =>
      sendFile(folder, pathOf(request.url), request, reply)
    scope.route({ method: ['GET', 'HEAD'], url: '/*', schema, handler })
  })
}

/** Answers addresses of pages; undefined for all others. */
export function sendPage(
  folder: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> | undefined {
  const address = pathOf(request.url)
  const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
  if (!wantsPage || !pages.test(address)) return undefined
  if (!fs.existsSync(path.join(folder, 'index.html'))) return undefined
  return sendFile(folder, '/index.html', request, reply)
}

async function sendFile(
  folder: string,
  address: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // loaded for the first file: it brings a table of all types of media, which no start need wait for
  const { send } = await import('@fastify/send')
  const sent = await send(request.raw, address, { root: folder, cacheControl: false, dotfiles: 'ignore' })
  const { type, statusCode, headers, stream, metadata } = sent
  if (type === 'error' && statusCode === 500) throw metadata.error
  // of a file that there is: other bytes were asked for than it has, or it was to be another
  const isRefused = statusCode === 412 || statusCode === 416
  if (type !== 'file' && !isRefused) {
    reply.callNotFound()
    return reply
  }
  reply.code(statusCode).headers(headers)
  if (type === 'file') {
    reply.header('cache-control', hashed.test(address) ? 'public, max-age=31536000, immutable' : 'no-cache')
  }
  return reply.send(stream)
}
