// Both languages of what scripts say; problems named by the verifier (log.mjs, entries.mjs, package.mjs) in Chinese too.
export const chinese = document.documentElement.lang.startsWith("zh");
export const say = (zh, en) => (chinese ? zh : en);

// The day of an instant as the office counts it, written as on the pages.
const DAY = new Intl.DateTimeFormat(say("zh-CN", "en-GB"), { dateStyle: "long", timeZone: "Asia/Shanghai" });
export const dayInWords = (instant) => DAY.format(new Date(instant));

const PROBLEMS = [
  [/^the proof is too long$/, "证明过长"], [/^the proof is too short$/, "证明过短"], [/^the proof lies beyond the tree$/, "证明的位置超出树"],
  [/^signature of (.*) does not verify$/, "$1 的签名不成立"], [/^cosignature of (.*) does not verify$/, "$1 的见证签名不成立"], [/^no key given signed it$/, "没有所给密钥的签名"], [/^vkey is no key of a log$/, "所给密钥不是账本密钥"],
  [/^no signature block$/, "没有签名部分"], [/^malformed signature line$/, "签名行格式有误"], [/^not base64.*$/, "base64 格式有误"],
  [/^not origin, size and root$/, "树头不含账本名、规模与根哈希"], [/^extension lines: a log of ours has none$/, "本格式账本的树头不得有扩展行"], [/^no ZIP archive$/, "不是 ZIP 文件"], [/^(.*) is there twice$/, "$1 出现两次"],
  [/^no file (.*) belongs in a package$/, "证据包中不应有文件 $1"], [/^the package unpacks to too much$/, "证据包解压后过大"],
  [/^(.*): it is missing$/, "$1：缺失"], [/^(.*): its bytes are not those that the manifest names$/, "$1：内容与清单所载哈希不符"],
  [/^(.*): it does not lead to the signed tree head$/, "$1：算不到已签名的树头"], [/^(.*): entries under (.*) are not proven complete$/, "$1：$2 名下的条目未证明齐全"],
  [/^(.*): nothing proves that the entries under (.*) are complete$/, "$1：没有证明 $2 名下的条目齐全"],
  [/^(.*): (\/.*) of (.*) is not what was committed to$/, "$1：$3 的 $2 与承诺不符"], [/^(.*): signature: does not verify$/, "$1：签名不成立"],
  [/^(.*): genesis: .*$/, "$1：首条且仅首条应为账本创立"], [/^(.*): founders: .*$/, "$1：创立者应为 GOV、OPR、SECH 各一"], [/^(.*): founder (.*): did not sign the genesis$/, "$1：创立者 $2 没有签名"], [/^(.*): override: no second signature by SUP or GOV$/, "$1：特批缺少监督组或政府的第二签名"],
  [/^(.*): effective_at: after the day of recording$/, "$1：生效日晚于登记日"], [/^(.*) signed twice with one key$/, "$1 以同一密钥签署两次"],
  [/^(.*): actor: did not sign$/, "$1：行为人没有签名"], [/^(.*): countersignature: missing$/, "$1：缺少会签"],
  [/^(.*): signature: by a key that is not (registered|valid then)$/, "$1：签名所用密钥未登记或当时无效"],
];
export function problem(error) {
  const found = chinese && PROBLEMS.find(([said]) => said.test(error.message));
  return found ? error.message.replace(found[0], found[1]) : error.message;
}

export async function get(url) {
  const response = await fetch(url, { cache: "no-store" }), name = url.split("/").pop();
  if (!response.ok) throw new Error(say(`取不到 ${name}（${response.status}）`, `cannot fetch ${name} (${response.status})`));
  return response;
}
