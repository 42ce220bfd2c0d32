/** `drydock --mcp [--context NAME …] [--allow-writes]`: no window, but the clusters for a person's own assistant, over stdin and stdout. */
import path from 'node:path'
import { app } from 'electron'
import { assistantCommand } from '../backend/mcp/install.js'
import type { AssistantCommand } from '../backend/rpc/contract.js'

/** The arguments after `--mcp`; undefined where a window is wanted. */
export function assistantArguments(argv: readonly string[]): string[] | undefined {
  const at = argv.indexOf('--mcp')
  return at < 0 ? undefined : argv.slice(at + 1)
}

/** Serves an assistant until it ends; may run beside a window and beside others of its kind. */
export async function serveAssistantOnly(args: readonly string[], data: string): Promise<void> {
  app.setName('Drydock')
  app.setPath('userData', path.join(data, 'assistants', 'window'))
  app.disableHardwareAcceleration()
  app.dock?.hide()
  const { serveAssistant } = await import('../backend/mcp/serve.js')
  serveAssistant(args, (code) => app.exit(code))
}

/** How an assistant starts this install. An AppImage is mounted elsewhere at each start: its own file is what stays. */
export function ownAssistantCommand(data: string): AssistantCommand {
  const sandbox = app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : []
  const folder = app.isPackaged ? [] : [app.getAppPath()]
  return assistantCommand(process.env.APPIMAGE ?? process.execPath, [...sandbox, ...folder, '--mcp'], data)
}
