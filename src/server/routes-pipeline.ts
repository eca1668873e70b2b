import type { FastifyInstance } from 'fastify'
import { Failure } from '../lib/failure.ts'
import { answers } from './answers.ts'
import { ref, replay } from './components.ts'
import { controlSchema } from './control-schema.ts'
import type { ControlCommand, Program, Status, TaskFacts, TopicInfo } from './program.ts'
import { checkLoopback, checkOrigin } from './security.ts'
import { Type } from './type.ts'

const statusSchema = {
  tags: ['pipeline'],
  operationId: 'pipelineStatus',
  summary: 'Where the pipeline stands: stages, watermarks, totals, balance sheet, quality',
  response: answers({ 200: ref<Status>('Status') }, 429, 503),
}

const tasksSchema = {
  tags: ['pipeline'],
  operationId: 'pipelineTasks',
  summary: 'The tasks: how far each is behind, by topic, and what has happened to it in this process',
  response: answers({ 200: Type.Object({ tasks: Type.Array(ref<TaskFacts>('TaskFacts')) }) }, 429, 503),
}

const controlRouteSchema = {
  tags: ['pipeline'],
  operationId: 'controlReplay',
  summary: 'Pause, resume, step or speed up the replay',
  body: controlSchema,
  response: answers({ 200: Type.Union([replay, Type.Null()]) }, 400, 413, 415, 429, 503),
}

const killSchema = {
  tags: ['pipeline'],
  operationId: 'killPipeline',
  summary: 'Kill the process as kill -9 does; its supervisor starts it again. From this machine only',
  response: answers(
    { 202: Type.Object({ lives: Type.Integer({ description: 'Of how many lives this ends the last.' }) }) },
    409,
    429,
  ),
}

const topicsSchema = {
  tags: ['pipeline'],
  operationId: 'topics',
  summary: 'The topics, what is in them and who writes them',
  response: answers({ 200: Type.Object({ topics: Type.Array(ref<TopicInfo>('TopicInfo')) }) }, 429, 503),
}

export function pipelineRoutes(app: FastifyInstance, program: Program): void {
  app.get('/v1/pipeline', { schema: statusSchema }, () => program.status())
  app.get('/v1/pipeline/tasks', { schema: tasksSchema }, () => ({ tasks: [...program.tasks()] }))
  app.post<{ Body: ControlCommand }>('/v1/pipeline/control', { schema: controlRouteSchema }, request =>
    program.control(request.body),
  )
  app.post('/v1/pipeline/kill', { schema: killSchema }, (request, reply) => {
    checkLoopback(request.ip)
    checkOrigin(request.raw)
    const { supervised, lives } = program.status()
    if (!supervised) throw notSupervised()
    // the answer goes out first
    reply.raw.once('finish', () => program.kill())
    return reply.code(202).send({ lives })
  })
  app.get('/v1/topics', { schema: topicsSchema }, async () => ({ topics: await program.topics() }))
}

export const notSupervised = () =>
  new Failure('NOT_SUPERVISED', 'nobody would start it again', {
    help: 'Start it with `npm start` or `node bin/slipstream.mjs up --supervised`.',
  })
