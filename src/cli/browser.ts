import { spawn } from 'node:child_process'

/** Opens an address in the browser of whoever sits here; where there is none, nothing happens. */
export function openBrowser(url: string): void {
  const command = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}
