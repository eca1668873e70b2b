// The built page. Files with a hash in their name never change and are kept for a year; all others are asked for again.
// Its pages have addresses without a file, which it reads itself (src/web/address.ts): they get index.html.

import fs from 'node:fs'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pathOf } from './problem.ts'

const hashed = /[-.][A-Za-z0-9_]{8,}\.(?:js|css|svg|png|woff2|json)$/
const pages = /^\/(?:drift(?:\/[^/]+)?|models)?$/

export function addWebPage(app: FastifyInstance, folder: string): void {
  app.register(fastifyStatic, {
    root: folder,
    index: 'index.html',
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders(reply, file) {
      reply.header('cache-control', hashed.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

/** Answers addresses of pages; false for all others. */
export function sendPage(folder: string, request: FastifyRequest, reply: FastifyReply): boolean {
  const address = pathOf(request.url)
  const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
  if (!wantsPage || !pages.test(address)) return false
  if (!fs.existsSync(path.join(folder, 'index.html'))) return false
  reply.sendFile('index.html')
  return true
}
