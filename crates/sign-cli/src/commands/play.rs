//! `pki service`: plays a remote signing service with a key of the test authority, until it is stopped.

use super::{key_failure, pin};
use crate::Outcome;
use crate::args::{PhoneArg, PkiServiceArgs, ServiceArg};
use crate::failure::Failure;
use crate::output::Output;
use serde_json::json;
use sign_io::keystore;
use sign_io::remote::fake::{FakeCsc, FakeMySign, FakeService, FakeSmartCa, Holder, Phone};

pub(super) fn run(args: &PkiServiceArgs, output: &Output) -> Result<Outcome, Failure> {
    let key = keystore::load(&args.key, pin(&args.pin)?.as_ref(), None);
    let holder = Holder::new(&key.map_err(|e| key_failure(e, &args.key))?)?;
    let phone = match args.phone {
        PhoneArg::Confirms => Phone::Confirms(1),
        PhoneArg::Refuses => Phone::Refuses,
        PhoneArg::Silent => Phone::Silent,
        PhoneArg::Late => Phone::Late,
    };
    let csc = |version, holder| {
        let mut office = FakeCsc::new(version, holder);
        office.phone = phone;
        office.multisign = 10;
        office
    };
    let service = match args.kind {
        ServiceArg::CscOne => FakeService::start(args.listen, None, csc(1, holder)),
        ServiceArg::CscTwo => FakeService::start(args.listen, None, csc(2, holder)),
        ServiceArg::SmartCa => {
            let mut office = FakeSmartCa::new(holder);
            office.phone = phone;
            FakeService::start(args.listen, None, office)
        }
        ServiceArg::MySign => {
            let mut office = FakeMySign::new(holder);
            office.phone = phone;
            FakeService::start(args.listen, None, office)
        }
    };
    let service = service
        .map_err(|error| Failure::new("cannot_listen", format!("{}: {}", args.listen, error.kind())))?;
    output.result(&json!({ "schema": "sign.service/1", "url": service.url() }), |lang| {
        let [said, test] = lang.pick(["Đang chờ tại", "chỉ để thử"], ["Listening at", "for trials only"]);
        format!("{said} {} ({test})", service.url())
    });
    service.run();
    Ok(Outcome::Good)
}
