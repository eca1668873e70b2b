// The arguments of `npm start`.

import { SetupError } from './bootstrap.mjs'

/**
 * Splits the arguments into those that matter here and those passed on; nothing is lost on the way.
 * @param {string[]} args
 */
export function parseArgs(args) {
  let port = 8080
  let host = '127.0.0.1'
  let open = true
  let help = false
  /** @type {string[]} */
  const rest = []
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = split(/** @type {string} */ (args[i]))
    if (name === '--port') port = portFrom(inline ?? args[++i])
    else if (name === '--host') host = inline ?? args[++i] ?? host
    else if (name === '--no-open') open = false
    else if (name === '--help' || name === '-h') help = true
    else rest.push(/** @type {string} */ (args[i]))
  }
  return { port, host, open, help, rest }
}

/** @param {string} arg @returns {[name: string, value: string | undefined]} */
function split(arg) {
  const at = arg.indexOf('=')
  return arg.startsWith('--') && at > 0 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg, undefined]
}

/** @param {string | undefined} text */
function portFrom(text) {
  const port = Number(text)
  if (!text || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new SetupError(
      `--port needs a number from 1 to 65535, not ${text ?? 'nothing'}. Example: npm start -- --port 8081`,
    )
  }
  return port
}
