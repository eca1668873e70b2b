// slipstream doctor: looks at everything that Slipstream needs on this machine; each thing that fails says what to do.

import { type Command, type CommandIo, namedArgs } from './command.ts'
import { checks, type Finding } from './doctor-checks.ts'
import { exitCode } from './exit-code.ts'

export const command: Command = {
  name: 'doctor',
  summary: 'look for what keeps Slipstream from running, and say what to do',
  usage: 'slipstream doctor [--data-dir DIR] [--port P] [--json]',
  flags: {},
  examples: ['slipstream doctor', 'slipstream doctor --port 9000 --json'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, command.usage, [])
    const findings: Finding[] = []
    for (const [name, look] of Object.entries(checks)) {
      const finding = { name, ...(await look(io.config)) }
      findings.push(finding)
      print(io, finding)
    }
    const failed = findings.filter(({ state }) => state === 'FAIL').length
    const warned = findings.filter(({ state }) => state === 'warn').length
    io.out(`${failed} failed, ${warned} ${warned === 1 ? 'warning' : 'warnings'}`)
    io.document({ healthy: failed === 0, failed, warned, checks: findings })
    return failed === 0 ? exitCode.ok : exitCode.checkFailed
  },
}

const colors = { ok: 'green', warn: 'yellow', FAIL: 'red' } as const

function print(io: CommandIo, { name, state, message, fix }: Finding): void {
  io.out(`  ${io.color(colors[state], state.padEnd(4))}  ${name.padEnd(9)}  ${message}`)
  if (fix !== undefined) io.out(`        fix: ${fix}`)
}
