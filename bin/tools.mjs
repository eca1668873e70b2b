// The developer tools, as scripts that Node 24 runs: without a shell, the same on every platform.

import fs from 'node:fs'
import path from 'node:path'
import { root } from './bootstrap.mjs'

/**
 * The script behind a package's command.
 * @param {string} name the package
 * @param {string} [command] its command, when the package has several or names it otherwise
 */
export function toolScript(name, command = name) {
  const folder = path.join(root, 'node_modules', name)
  const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
  return path.join(folder, typeof bin === 'string' ? bin : bin[command])
}

/** Those of the source folders that exist. */
export function sourceFolders() {
  return ['src', 'test', 'bench', 'scripts', 'bin'].filter(name => fs.existsSync(path.join(root, name)))
}
