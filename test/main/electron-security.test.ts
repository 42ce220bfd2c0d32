/**
 * What Electron asks of an app to be safe, read from the sources of the main process and the preload:
 * https://www.electronjs.org/docs/latest/tutorial/security . Each rule is one that scanners of Electron apps look for; the ones about a
 * running window are checked in one, in test/e2e/electron.test.ts.
 */
import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const directory = path.resolve('src-main/main')
const files = fs.readdirSync(directory).filter((f) => f.endsWith('.ts'))
const sources = files.map((name) =>
  ts.createSourceFile(name, fs.readFileSync(path.join(directory, name), 'utf8'), ts.ScriptTarget.ES2022, true),
)

/** All nodes that satisfy, with their file. */
function find<T extends ts.Node>(is: (node: ts.Node) => node is T, where: (node: T) => boolean = () => true): { file: string; node: T }[] {
  const found: { file: string; node: T }[] = []
  for (const source of sources) {
    const visit = (node: ts.Node): void => {
      if (is(node) && where(node)) found.push({ file: source.fileName, node })
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return found
}
/** Calls whose callee ends in `name`, such as `.loadURL`. */
const calls = (name: string) =>
  find(ts.isCallExpression, ({ expression: e }) => (ts.isPropertyAccessExpression(e) ? e.name.text : e.getText()) === name)
const where = (found: { file: string }[]): string[] => [...new Set(found.map((f) => f.file))]
const texts = (found: { node: ts.Node }[]): string[] => found.map((f) => f.node.getText().replaceAll(/\s+/g, ' '))

describe('a window', () => {
  it('is made in one place, sandboxed, isolated, without Node, and without a preference that weakens it', () => {
    const made = find(ts.isNewExpression, (n) => ['BrowserWindow', 'BrowserView', 'WebContentsView'].includes(n.expression.getText()))
    expect(where(made)).toEqual(['window.ts'])
    expect(made).toHaveLength(1)
    const [preferences] = find(ts.isPropertyAssignment, (n) => n.name.getText() === 'webPreferences')
    const set = Object.fromEntries(
      (preferences!.node.initializer as ts.ObjectLiteralExpression).properties.map((p) => [
        p.name!.getText(),
        (p as ts.PropertyAssignment).initializer.getText(),
      ]),
    )
    expect(set).toEqual({
      preload: "path.join(__dirname, '../preload/preload.cjs')",
      sandbox: 'true',
      contextIsolation: 'true',
      nodeIntegration: 'false',
      webviewTag: 'false',
      spellcheck: 'false',
    })
  })

  it('loads the page of the app and nothing else', () => {
    expect(texts(calls('loadURL'))).toEqual(['window.loadURL(`${APP_ORIGIN}/`)'])
    expect([...calls('loadFile'), ...calls('executeJavaScript'), ...calls('insertCSS'), ...calls('openDevTools')]).toEqual([])
  })

  it('goes nowhere, has no webviews, and opens no windows: links are handed out after a look at their scheme', () => {
    const listened = calls('on').map(({ node }) => node.arguments[0]?.getText())
    expect(listened).toEqual(expect.arrayContaining(["'web-contents-created'", "'will-navigate'", "'will-attach-webview'"]))
    const [handler] = calls('setWindowOpenHandler')
    expect(handler!.node.getText()).toContain("action: 'deny'")
    expect(handler!.node.getText()).not.toContain("action: 'allow'")
    expect(where(calls('openExternal'))).toEqual(['links.ts'])
    expect(calls('openExternal')[0]!.node.parent.parent.parent.getText()).toMatch(/^if \(isWebLink\(url\)\)/)
    expect(calls('openPath')).toEqual([])
  })

  it('gets no permission but to write to the clipboard', () => {
    for (const name of ['setPermissionRequestHandler', 'setPermissionCheckHandler', 'setDevicePermissionHandler'])
      expect([name, where(calls(name))]).toEqual([name, ['permissions.ts']])
    expect(fs.readFileSync(path.join(directory, 'permissions.ts'), 'utf8')).toContain("new Set(['clipboard-sanitized-write'])")
    expect(texts(calls('limitPermissions'))).toEqual(['limitPermissions(session.defaultSession)'])
  })
})

describe('messages', () => {
  it('from windows are heard only after a look at who sent them', () => {
    const heard = find(ts.isPropertyAccessExpression, (n) => n.expression.getText() === 'ipcMain')
    expect(where(heard)).toContain('window-messages.ts')
    for (const { file, node } of heard) {
      expect([file, node.getText()]).toEqual([file, 'ipcMain.on'])
      const listener = (node.parent as ts.CallExpression).arguments[1] as ts.ArrowFunction
      // The first condition of the listener is that the page is the app's own; an early return, or what guards all that follows.
      const [condition] = (listener.body as ts.Block).statements.filter(ts.isIfStatement)
      const { expression, thenStatement } = condition!
      const guards =
        expression.getText() === 'isOwnPage(event)' ||
        (/!isOwnPage\(event\)/.test(expression.getText()) && ts.isReturnStatement(thenStatement))
      expect([file, guards]).toEqual([file, true])
    }
  })

  it('of the page pass the preload only if it knows them, and it shows the page nothing of Electron', () => {
    const preload = fs.readFileSync(path.join(directory, 'preload.ts'), 'utf8')
    expect(preload).not.toMatch(/contextBridge|exposeInMainWorld|process\.|require\(/)
    expect([...preload.matchAll(/ipcRenderer\.(\w+)/g)].map((m) => m[1])).toEqual(['send', 'on', 'on'])
    expect(preload).toContain('if (event.source !== window) return')
    expect(preload).toContain('if (message?.type && outward.has(message.type)) ipcRenderer.send(message.type, message)')
  })
})

describe('content', () => {
  const policyOf = (file: string): Map<string, string> => {
    const policy = /"(default-src [^"]+)"/.exec(fs.readFileSync(file, 'utf8'))![1]!
    return new Map(policy.split(';').map((d) => [d.trim().split(' ')[0]!, d.trim().split(' ').slice(1).join(' ')]))
  }

  it.each(['src-main/main/scheme.ts', 'src-main/backend/web/server.ts'])(
    'of %s is of the app alone, and scripts only from its files',
    (file) => {
      const policy = policyOf(file)
      expect(policy.get('default-src')).toBe("'none'")
      expect(policy.get('script-src')).toBe("'self'")
      for (const [directive, value] of policy) {
        expect([directive, value]).not.toEqual([directive, expect.stringMatching(/unsafe-eval|https?:|\*|blob:/)])
        if (directive !== 'style-src') expect(value).not.toContain('unsafe-inline')
      }
      expect(['base-uri', 'form-action', 'frame-ancestors'].map((d) => policy.get(d))).toEqual(["'none'", "'none'", "'none'"])
    },
  )

  it('comes over a scheme of the app’s own that does not pass by the policy, and only from its directory', () => {
    const [schemes] = calls('registerSchemesAsPrivileged')
    expect(schemes!.node.getText()).not.toMatch(/bypassCSP|corsEnabled|allowServiceWorkers/)
    expect(texts(calls('handle'))[0]).toMatch(/^protocol\.handle\('app'.*!file\.startsWith\(root \+ path\.sep\)/)
    for (const name of ['registerFileProtocol', 'interceptFileProtocol', 'registerHttpProtocol']) expect(calls(name)).toEqual([])
  })
})

describe('the process', () => {
  it('turns no protection of Chromium off, and believes no certificate that Chromium does not', () => {
    const switches = calls('appendSwitch')
    expect(switches).toEqual([])
    for (const name of ['setCertificateVerifyProc', 'allowNTLMCredentialsForDomains', 'setAsDefaultProtocolClient'])
      expect(calls(name)).toEqual([])
    const all = sources.map((s) => s.getFullText()).join('\n')
    expect(all).not.toMatch(
      /certificate-error|ignore-certificate-errors|disable-web-security|NODE_TLS_REJECT_UNAUTHORIZED|@electron\/remote/,
    )
    expect(texts(calls('enableSandbox'))).toEqual(['app.enableSandbox()'])
  })

  it('evaluates no text', () => {
    expect(calls('eval')).toEqual([])
    expect(find(ts.isNewExpression, (n) => n.expression.getText() === 'Function')).toEqual([])
  })

  it('sends no crash reports anywhere', () => {
    expect(sources.map((s) => s.getFullText()).join('\n')).not.toMatch(/crashReporter|uploadToServer|submitURL/)
  })
})
