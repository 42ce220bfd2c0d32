/** `npm run mcp -- [--context NAME …] [--allow-writes]`: the clusters for a person's own assistant, over stdin and stdout. */
import { serveAssistant } from './serve.js'

serveAssistant(process.argv.slice(2), (code) => process.exit(code))
