// A client of the bureau's interface that starts from its WSDL, with the npm package soap: it uploads a document, fetches and
// acknowledges the results, queries, and calls a method at the wrong address. It prints what it got as JSON.
const { createCipheriv, createDecipheriv, createHash, randomBytes } = require('node:crypto');
const { deflateRawSync, inflateRawSync } = require('node:zlib');
const soap = require('soap');

const { BUREAU, DOCUMENT, DOMAIN, NUMBER, FILING_PASSWORD, ISP_ID, USER_NAME, PASSWORD, KEY, IV } = process.env;

const md5 = (data) => createHash('md5').update(data).digest('base64');

function credentials() {
  const randVal = randomBytes(15).toString('hex').slice(0, 20);
  return { ispID: ISP_ID, userName: USER_NAME, randVal, pwdHash: md5(PASSWORD + randVal) };
}

function crc32(data) {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// zip returns an archive with one entry: local header, data, central directory, end.
function zip(name, content) {
  const packed = deflateRawSync(content);
  const sizes = Buffer.alloc(26); // what both headers have: version, flags, method, time, CRC, sizes, lengths of name and extra field
  sizes.writeUInt16LE(20, 0);
  sizes.writeUInt16LE(8, 4);
  sizes.writeUInt32LE(crc32(content), 10);
  sizes.writeUInt32LE(packed.length, 14);
  sizes.writeUInt32LE(content.length, 18);
  sizes.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), sizes, Buffer.from(name), packed]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), sizes, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end]);
}

// unzip returns the content of the only entry, found through the central directory.
function unzip(archive) {
  const central = archive.readUInt32LE(archive.lastIndexOf('PK\x05\x06') + 16);
  const size = archive.readUInt32LE(central + 20);
  const local = archive.readUInt32LE(central + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const data = archive.subarray(start, start + size);
  return archive.readUInt16LE(central + 10) === 8 ? inflateRawSync(data) : data;
}

const element = (xml, name) => xml.match(new RegExp(`<${name}>([^<]*)</${name}>`))?.[1];

async function main() {
  const connect = (path) => soap.createClientAsync(`${BUREAU}${path}?wsdl`);
  const files = await connect('/ISPWebService/upDownLoad');
  const status = await connect('/BeianStatusWebService/queryBeianStatus');
  const passwords = await connect('/BeianStatusWebService/verifyBamm');
  const got = { services: [files, status, passwords].map((client) => client.describe()), files: [] };
  const call = async (client, method, parameters) => (await client[`${method}Async`](parameters))[0].return;

  const archive = zip('beianinfo.xml', Buffer.from(DOCUMENT, 'base64'));
  const cipher = createCipheriv('aes-128-cbc', KEY, IV);
  got.upload = await call(files, 'isp_upload', {
    ...credentials(),
    beianInfo: Buffer.concat([cipher.update(archive), cipher.final()]).toString('base64'),
    beianInfoHash: md5(archive),
    dataSequence: 1, encryptAlgorithm: 1, hashAlgorithm: 0, compressionFormat: 0,
  });
  const { ispID: ispId, ...others } = credentials();
  got.previous = await call(files, 'isp_querypreviousupload', { ispId, ...others, hashAlgorithm: 0 });
  for (;;) {
    const answer = await call(files, 'isp_download', { ...credentials(), hashAlgorithm: 0 });
    if (element(answer, 'msg_code') !== '0') break;
    const decipher = createDecipheriv('aes-128-cbc', KEY, IV);
    const packed = Buffer.concat([decipher.update(Buffer.from(element(answer, 'beianInfo'), 'base64')), decipher.final()]);
    if (md5(packed) !== element(answer, 'beianInfoHash')) throw new Error('a file does not match its hash');
    got.files.push(new TextDecoder('gbk').decode(unzip(packed)));
    const fileName = element(answer, 'return_FileName');
    got.acknowledged = await call(files, 'isp_downloadack', { ...credentials(), hashAlgorithm: 0, fileName });
  }
  got.filed = await call(status, 'isp_querybeianstatus', {
    ...credentials(), hashAlgorithm: 0, queryConditionType: 0, queryCondition: DOMAIN,
  });
  got.password = await call(passwords, 'isp_verifybamm', { ...credentials(), hashAlgorithm: 0, baxh: NUMBER, bamm: FILING_PASSWORD });
  got.refused = await call(files, 'isp_download', { ...credentials(), pwdHash: 'x', hashAlgorithm: 0 });
  status.setEndpoint(`${BUREAU}/ISPWebService/upDownLoad`);
  try {
    await call(status, 'isp_querybeianstatus', { ...credentials(), hashAlgorithm: 0 });
  } catch (error) {
    got.fault = error.root?.Envelope?.Body?.Fault ?? String(error);
  }
  console.log(JSON.stringify(got));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
