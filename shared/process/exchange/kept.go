package exchange

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
	"beian/shared/process/envelope"
)

// Sent and received files are stored encrypted under the keys of all orders that they name, so that erasing an order makes every file
// with a record of it unreadable as a whole (ADR 13). A received file that names no order of ours, or cannot be decoded, is encrypted
// under a key of its own.

// storeContent stores the bytes of a received file. If an order in it is erased, it stores nothing and sets Object to "".
func (r *run) storeContent(ctx context.Context, file *Received, d *document.Download, content []byte) error {
	orders, err := r.ordersIn(ctx, d)
	if err != nil {
		return err
	}
	err = r.Objects.WriteShared(ctx, orders, file.Object, content)
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
	if orders, err := r.ordersIn(ctx, d); err != nil || len(orders) == 0 {
		return err
	}
	return r.Objects.Encrypter.DeleteKey(ctx, object)
}

// ordersIn returns the ids of the orders that a document names. d may be nil.
func (r *run) ordersIn(ctx context.Context, d *document.Download) ([]string, error) {
	var orders []string
	for _, ids := range filingsIn(d) {
		for _, id := range ids {
			record, known, err := r.lookUp(ctx, id)
			if err != nil {
				return nil, err
			}
			if known {
				orders = append(orders, string(record.Order))
				break
			}
		}
	}
	if d == nil || d.ICP == nil || d.ICP.Results == nil {
		return orders, nil
	}
	var ids []int64
	for _, one := range d.ICP.Results.Records {
		if id, err := strconv.ParseInt(strings.TrimSpace(one.Record), 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	for _, one := range d.ICP.Results.Opinions {
		ids = append(ids, one.Record)
	}
	for _, id := range ids {
		record, known, err := r.lookUp(ctx, id)
		if err != nil {
			return nil, err
		}
		if known {
			orders = append(orders, string(record.Order))
		}
	}
	return orders, nil
}

// filingsIn returns our ids of the subject and the sites of each filing in a document. d may be nil.
func filingsIn(d *document.Download) [][]int64 {
	var all [][]int64
	if d != nil && d.ICP != nil {
		for _, f := range d.ICP.Filed {
			ids := []int64{f.Subject.ID}
			for _, s := range f.Sites {
				ids = append(ids, s.ID)
			}
			all = append(all, ids)
		}
	}
	if d != nil && d.Sync != nil {
		for _, f := range d.Sync.Filed {
			ids := []int64{f.Subject.ID}
			for _, s := range f.Sites {
				ids = append(ids, s.ID)
			}
			all = append(all, ids)
		}
	}
	return all
}

// lookUp returns the record of one of our ids. It asks the store once per id and run.
func (r *run) lookUp(ctx context.Context, id int64) (Record, bool, error) {
	if record, known := r.records[id]; known || id == 0 {
		return record, known, nil
	}
	record, known, err := r.Store.Record(ctx, id)
	if known && err == nil {
		if r.records == nil {
			r.records = map[int64]Record{}
		}
		r.records[id] = record
	}
	return record, known, err
}
