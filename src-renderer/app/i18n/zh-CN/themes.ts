import type { Messages } from '../en.js'

/** 自定义主题。 */
export const themes: Pick<Messages, 'themes'> = {
  themes: {
    add: '从文件添加主题',
    copy: '把当前主题存为文件',
    remove: '移除 {name}',
    mine: '我的主题',
    refused: '{file} 不是主题：{why}。',
    problem: {
      json: '不是 JSON 对象',
      name: '“name”须为不超过 40 个字符的文本',
      base: '“base”须为“light”或“dark”',
      colours: '“colours”至少要有一种颜色',
      unknown: '没有名为“{colour}”的颜色',
      value: '“{colour}”的值 {value} 不是 #1a2b3c 形式的颜色',
    },
    faint: '有 {n} 组颜色不易辨认。',
    faintOne: '{ground} 上的 {colour}：{contrast}（需 4.5）',
  },
}
