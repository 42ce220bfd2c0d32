/** The icon in the tray, for who wants the app to stay when its windows are closed: port-forwards and clusters go on. */
import { deflateSync } from 'node:zlib'
import { Menu, nativeImage, Tray, type NativeImage } from 'electron'
import { crc32 } from './crc32.js'
import { menuWords } from './menu.js'

/** A ring with a mast in it, `size` px square, drawn here: a template image on a Mac, grey elsewhere. */
function icon(size: number): Buffer {
  const rows: Buffer[] = []
  const middle = (size - 1) / 2
  const grey = process.platform === 'darwin' ? 0 : 128
  for (let y = 0; y < size; y++) {
    const row = Buffer.alloc(1 + size * 4)
    for (let x = 0; x < size; x++) {
      const distance = Math.hypot(x - middle, y - middle) / (size / 2)
      const hull = y >= middle && distance < 0.95
      const mast = Math.abs(x - middle) < size / 16 && y < middle && distance < 0.95
      row.set([grey, grey, grey, hull || mast ? 255 : 0], 1 + x * 4)
    }
    rows.push(row)
  }
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const out = Buffer.alloc(8 + body.length)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc32(body), 4 + body.length)
    return out
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function trayImage(): NativeImage {
  const image = nativeImage.createEmpty()
  image.addRepresentation({ scaleFactor: 1, width: 16, height: 16, buffer: icon(16) })
  image.addRepresentation({ scaleFactor: 2, width: 32, height: 32, buffer: icon(32) })
  image.setTemplateImage(true)
  return image
}

/** The tray's icon while it is on. */
export class TrayIcon {
  private tray: Tray | undefined

  constructor(
    private readonly open: () => void,
    private readonly quit: () => void,
  ) {}

  get on(): boolean {
    return this.tray !== undefined
  }

  set(on: boolean, locale: string): void {
    if (!on) {
      this.tray?.destroy()
      this.tray = undefined
      return
    }
    const words = menuWords(locale)
    this.tray ??= new Tray(trayImage())
    this.tray.setToolTip('Drydock')
    this.tray.removeAllListeners('click')
    this.tray.on('click', this.open)
    this.tray.setContextMenu(
      Menu.buildFromTemplate([{ label: words.show, click: this.open }, { type: 'separator' }, { label: words.quit, click: this.quit }]),
    )
  }
}
