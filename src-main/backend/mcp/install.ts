/** How an assistant starts the server of this install. */
import path from 'node:path'
import { defaultDataDirectory } from '../../directories.js'
import type { AssistantCommand } from '../rpc/contract.js'

/**
 * @param command the program that is started
 * @param args what makes it serve an assistant
 * @param data the data directory of this app, which is told where it is not the usual one
 */
export function assistantCommand(command: string, args: readonly string[], data: string): AssistantCommand {
  // An assistant may not have this process's environment.
  const usual = path.resolve(data) === defaultDataDirectory({ ...process.env, DRYDOCK_DATA: undefined })
  return { command, args: [...args, ...(usual ? [] : ['--data', data])] }
}
