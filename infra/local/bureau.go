package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/system"
)

// standAlone runs the bureau simulator by itself, for whoever develops a client of the ministry's interface.
func standAlone(ctx context.Context, _ []string) (err error) {
	folder, err := filepath.Abs(orElse(os.Getenv("DATA"), ".local"))
	if err != nil {
		return err
	}
	number, err := port("BUREAU_PORT", 8090)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", number))
	if err != nil {
		return fmt.Errorf("port %d of 127.0.0.1 is taken; stop the other program or set BUREAU_PORT: %w", number, err)
	}
	bureau, err := system.OpenBureau(system.Config{Folder: folder, Clock: clock.New(), ReviewDelay: reviewDelay})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, bureau.Close()) }()
	fmt.Printf("The bureau simulator listens on http://%s: provider %d, user %s, password %s, key %s, IV %s.\nPOST /admin/scenario steers it. Ctrl-C stops it.\n",
		listener.Addr(), system.BureauProvider, system.BureauUser, system.BureauPassword, system.BureauKey, system.BureauIV)
	server := &http.Server{Handler: system.BureauHandler(bureau), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
