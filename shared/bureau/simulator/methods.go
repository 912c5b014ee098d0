package simulator

import (
	"crypto/md5"
	"encoding/base64"
	"strconv"
	"strings"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
)

// download returns the oldest file that has not been acknowledged.
func (b *Bureau) download(c call) answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.state.provider(c.account.ProviderID)
	if len(p.Files) == 0 {
		return answer{code: result.NothingToDownload}
	}
	f := p.Files[0]
	codec := c.account.codec(b.config.MaxDocument)
	if b.plain > 0 {
		b.plain--
		codec.Encryption = wire.PlainEncryption
	}
	parcel, err := codec.Encode(wire.File{Name: f.Name, Content: f.Content}, b.config.Now())
	if err != nil {
		return internalFailure(err)
	}
	if b.corrupt > 0 {
		b.corrupt--
		other := md5.Sum([]byte("something else"))
		parcel.Hash = base64.StdEncoding.EncodeToString(other[:])
	}
	return answer{file: &packedFile{name: f.Name, parcel: parcel}}
}

func (b *Bureau) acknowledge(c call) answer {
	name := c.text("fileName")
	if name == "" {
		return answer{code: result.FileNameEmpty}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.state.provider(c.account.ProviderID)
	if p.Acked[name] {
		return answer{}
	}
	for _, f := range p.Files {
		if f.Name == name {
			if err := b.record(event{Acked: &acknowledgement{Provider: c.account.ProviderID, Name: name}}); err != nil {
				return internalFailure(err)
			}
			return answer{}
		}
	}
	return answer{code: result.Other, text: "：没有此文件"}
}

// queryPrevious returns the last accepted upload as received, or number 0.
func (b *Bureau) queryPrevious(c call) answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.state.provider(c.account.ProviderID)
	parcel := p.Last.Parcel
	if p.Sequence > 0 && parcel.Data == nil {
		data, err := b.journal.readUpload(c.account.ProviderID, p.Sequence)
		if err != nil {
			return internalFailure(err)
		}
		parcel.Data = data
	}
	sequence := p.Sequence
	return answer{file: &packedFile{name: p.Last.Name, parcel: parcel, sequence: &sequence}}
}

// queryFiled reports whether a domain or a subject is filed.
func (b *Bureau) queryFiled(c call) answer {
	kind, given := c.integer("queryConditionType")
	if !given || kind < bureau.DomainQuery || kind > bureau.LastQueryType {
		return missingParameter("queryConditionType")
	}
	query := c.text("queryCondition")
	if query == "" {
		return missingParameter("queryCondition")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := status{queryType: kind, query: query}
	if kind != 0 {
		if f := b.state.filings[b.state.bySubject[certificateKey(kind, query)]]; f != nil {
			s.filed, s.subjectNumber = true, f.Data.Subject.Number
		}
		return answer{status: &s}
	}
	name := strings.ToLower(query)
	if f := b.state.filings[b.state.byDomain[name]]; f != nil {
		s.filed, s.subjectNumber = true, f.Data.Subject.Number
		for _, site := range f.Data.Sites {
			for _, domain := range site.Domains {
				if domain.Name == name {
					s.siteName, s.siteNumber = site.Name, site.Number
				}
			}
		}
	}
	return answer{status: &s}
}

// verifyPassword checks a filing password, in plain text or as MD5.
func (b *Bureau) verifyPassword(c call) answer {
	number, password := c.text("baxh"), c.text("bamm")
	if number == "" {
		return missingParameter("baxh")
	}
	if password == "" {
		return missingParameter("bamm")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	number = subjectNumber(number)
	day := document.FormatDate(b.config.Now())
	if b.state.checks[number+" "+day] >= b.config.ChecksPerDay {
		return answer{code: result.TooManyChecks, text: strconv.Itoa(b.config.ChecksPerDay)}
	}
	if err := b.record(event{Checked: &passwordCheck{Number: number, Day: day}}); err != nil {
		return internalFailure(err)
	}
	f := b.state.filings[b.state.byNumber[number]]
	hash, err := wire.FilingPasswordHash(password)
	right := f != nil && f.Password != "" && (err == nil && samePassword(f.Password, hash) || samePassword(f.Password, password))
	return answer{verdict: map[bool]string{true: "0", false: "1"}[right]}
}
