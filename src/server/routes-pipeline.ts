import type { FastifyInstance } from 'fastify'
import { answers } from './answers.ts'
import { ref, replay } from './components.ts'
import { controlSchema } from './control-schema.ts'
import type { ControlCommand, Program, Status, TopicInfo } from './program.ts'
import { Type } from './type.ts'

const statusSchema = {
  tags: ['pipeline'],
  operationId: 'pipelineStatus',
  summary: 'Where the pipeline stands: stages, watermarks, totals, balance sheet, quality',
  response: answers({ 200: ref<Status>('Status') }, 429, 503),
}

const controlRouteSchema = {
  tags: ['pipeline'],
  operationId: 'controlReplay',
  summary: 'Pause, resume, step or speed up the replay',
  body: controlSchema,
  response: answers({ 200: Type.Union([replay, Type.Null()]) }, 400, 413, 415, 429, 503),
}

const topicsSchema = {
  tags: ['pipeline'],
  operationId: 'topics',
  summary: 'The topics, what is in them and who writes them',
  response: answers({ 200: Type.Object({ topics: Type.Array(ref<TopicInfo>('TopicInfo')) }) }, 429, 503),
}

export function pipelineRoutes(app: FastifyInstance, program: Program): void {
  app.get('/v1/pipeline', { schema: statusSchema }, () => program.status())
  app.post<{ Body: ControlCommand }>('/v1/pipeline/control', { schema: controlRouteSchema }, request =>
    program.control(request.body),
  )
  app.get('/v1/topics', { schema: topicsSchema }, async () => ({ topics: await program.topics() }))
}
