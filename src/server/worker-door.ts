// The door of a worker: metrics for Prometheus and a sign of life, and nothing else.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { Failure } from '../lib/failure.ts'
import type { TaskFacts } from './program.ts'
import { taskMetrics } from './task-metrics.ts'

export type WorkerDoorOptions = {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Asked at each scrape. */
  readonly tasks: () => Promise<readonly TaskFacts[]>
}

export type WorkerDoor = { readonly port: number; readonly close: () => Promise<void> }

/** @throws Failure PORT_IN_USE */
export async function openWorkerDoor({ host, port, tasks }: WorkerDoorOptions): Promise<WorkerDoor> {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const update = taskMetrics(register)
  const metrics = async (): Promise<string> => {
    update(await tasks())
    return register.metrics()
  }
  const server = createServer((request, response) => {
    response.setHeader('cache-control', 'no-store')
    const answer = (status: number, type: string, text: string): void => {
      response.writeHead(status, { 'content-type': type }).end(text)
    }
    if (request.url === '/health/live') return answer(200, 'application/json', '{"live":true}')
    if (request.url !== '/metrics') return answer(404, 'text/plain', 'A worker has /metrics and /health/live.\n')
    void metrics().then(
      text => answer(200, register.contentType, text),
      // the log does not answer: a scrape that fails says so
      (error: unknown) => answer(503, 'text/plain', `${error instanceof Error ? error.message : String(error)}\n`),
    )
  })
  await listening(server, host, port)
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      reject(new Failure('PORT_IN_USE', `port ${port} is taken`, { field: 'metrics-port', help: 'Name another one.' }))
    })
    server.listen(port, host, resolve)
  })
}
