package exchange

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/envelope"
)

// Sent and received files are stored encrypted under the keys of all orders that they name, and of the filings that they ask to verify, so that erasing
// one makes every file with a record of it unreadable as a whole (ADR 13). A received file that names no order of ours, or cannot be decoded, is encrypted
// under a key of its own.

// storeContent stores the bytes of a received file. If an order in it is erased, it stores nothing and sets Object to "". So it does with a full
// copy of more than [DefaultCopyPage] filings, because the key of each of their orders would have to be read (ADR 37).
func (r *run) storeContent(ctx context.Context, file *Received, d *document.Download, content []byte) error {
	if len(filingsOfCopy(d)) > cmp.Or(r.CopyPage, DefaultCopyPage) {
		file.Object = ""
		return nil
	}
	names, err := r.keyNamesIn(ctx, d)
	if err != nil {
		return err
	}
	err = r.Objects.WriteShared(ctx, names, file.Object, content)
	if errors.Is(err, envelope.ErrErased) {
		file.Object, err = "", nil
	}
	return err
}

// storeDecoded stores a file again that could not be decoded when it was received. It deletes the file's own key, so that the first
// version of the object cannot be decrypted.
func (r *run) storeDecoded(ctx context.Context, file *Received, d *document.Download) error {
	object := file.Object
	content, err := r.Objects.ReadShared(ctx, object, wire.MaxDocument)
	if err != nil {
		return err
	}
	if err := r.storeContent(ctx, file, d, content); err != nil {
		return err
	}
	if names, err := r.keyNamesIn(ctx, d); err != nil || len(names) == 0 {
		return err
	}
	return r.Objects.Encrypter.DeleteKey(ctx, object)
}

// keyNames returns the names of the data keys for a file with records: those of their orders, and of the filings that they verify.
func (r *run) keyNames(ctx context.Context, sent []SentRecord) ([]string, error) {
	var names []string
	for _, s := range sent {
		if s.Task == "" {
			names = append(names, string(s.Order))
			continue
		}
		task, err := r.Store.BureauTask(ctx, s.Task)
		if err != nil {
			return nil, err
		}
		if task.Kind == bureautask.Verify && task.About.Filing != "" {
			names = append(names, task.About.Filing.KeyName())
		}
	}
	return names, nil
}

// keyNamesIn returns the names of the data keys of the orders that a document names, and of the filings that it asks to verify. d may be nil.
func (r *run) keyNamesIn(ctx context.Context, d *document.Download) ([]string, error) {
	var keys []string
	for _, names := range namesIn(d) {
		for _, name := range names {
			record, known, err := r.lookUp(ctx, name)
			if err != nil {
				return nil, err
			}
			if known && record.Order != "" {
				keys = append(keys, string(record.Order))
				break
			}
		}
	}
	if d == nil || d.ICP == nil {
		return keys, nil
	}
	for _, task := range d.ICP.Tasks {
		filed, err := r.Store.FilingByMinistryID(ctx, register.SubjectPart, strconv.FormatInt(task.Subject.ID, 10))
		if err != nil {
			return nil, err
		}
		if filed.Version > 0 {
			keys = append(keys, filed.ID.KeyName())
		}
	}
	return keys, nil
}

// namesIn returns the names of the records that each filing, cancellation, result and opinion of a document may be about. d may be nil.
func namesIn(d *document.Download) [][]document.RecordName {
	var all [][]document.RecordName
	if d != nil && d.Sync != nil {
		for _, f := range d.Sync.Filed {
			all = append(all, f.FiledData().RecordNames())
		}
	}
	if d == nil || d.ICP == nil {
		return all
	}
	for _, f := range d.ICP.Filed {
		all = append(all, f.RecordNames())
	}
	for _, c := range d.ICP.Cancelled {
		all = append(all, []document.RecordName{c.RecordName()})
	}
	if results := d.ICP.Results; results != nil {
		for _, one := range results.Records {
			all = append(all, []document.RecordName{document.NameOf(one.Operation, one.Record)})
		}
		for _, one := range results.Opinions {
			all = append(all, []document.RecordName{one.RecordName()})
		}
	}
	return all
}

// lookUp returns the record with a name. It asks the store once per name and run.
func (r *run) lookUp(ctx context.Context, name document.RecordName) (Record, bool, error) {
	if record, known := r.records[name]; known {
		return record, known, nil
	}
	record, known, err := r.Store.Record(ctx, name)
	if known && err == nil {
		if r.records == nil {
			r.records = map[document.RecordName]Record{}
		}
		r.records[name] = record
	}
	return record, known, err
}
