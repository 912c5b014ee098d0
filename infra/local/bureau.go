package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/loopback"
	"beian/infra/local/system"
)

// runBureau runs only the bureau simulator, for developers of other clients of the ministry's interface.
func runBureau(ctx context.Context, _ []string) (err error) {
	folder, err := dataFolder()
	if err != nil {
		return err
	}
	if err := system.PrepareFolder(folder); err != nil {
		return err
	}
	port, err := portFromEnv("BUREAU_PORT", 8090)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("port %d is in use; set BUREAU_PORT or stop the other program: %w", port, err)
	}
	bureau, err := system.OpenBureau(system.Config{Folder: folder, Clock: clock.New(), ReviewDelay: reviewDelay})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, bureau.Close()) }()
	fmt.Printf("The bureau simulator listens on http://%s: provider %d, user %s, password %s, key %s, IV %s.\nPOST /admin/scenario configures its behaviour. Ctrl-C stops it.\n",
		listener.Addr(), system.BureauProvider, system.BureauUser, system.BureauPassword, system.BureauKey, system.BureauIV)
	server := &http.Server{Handler: loopback.Guard(listener.Addr(), system.BureauHandler(bureau)), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
