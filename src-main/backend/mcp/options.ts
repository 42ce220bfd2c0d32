/** The command line of the server for assistants. */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { defaultDataDirectory } from '../../directories.js'

export const USAGE = 'usage: npm run --silent mcp -- [--context NAME …] [--allow-writes] [--data DIR]'

export interface McpOptions {
  data: string
  contexts?: string[]
  allowWrites: boolean
}

/** Reads the arguments; undefined where only the usage is wanted. Throws an error that ends in the usage where one is wrong. */
export function mcpOptions(args: readonly string[]): McpOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        context: { type: 'string', multiple: true },
        'allow-writes': { type: 'boolean' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) return undefined
    return {
      data: values.data ? path.resolve(values.data) : defaultDataDirectory(),
      allowWrites: values['allow-writes'] === true,
      ...(values.context ? { contexts: values.context } : {}),
    }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${USAGE}`)
  }
}
