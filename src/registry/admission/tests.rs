use super::*;

fn admission(concurrency: usize, queue_length: usize) -> Arc<Admission> {
    Arc::new(Admission::new(AdmissionSettings {
        concurrency,
        queue_length,
        queue_wait: Duration::from_secs(5),
    }))
}

/// Waits for a place under that name, and adds it to `entered` once it has one.
fn wait(
    admission: &Arc<Admission>,
    ticket: Ticket,
    entered: &Arc<Mutex<Vec<String>>>,
) -> tokio::task::JoinHandle<()> {
    let (admission, entered) = (admission.clone(), entered.clone());
    tokio::spawn(async move {
        let place = admission.enter(&ticket).await.unwrap();
        entered.lock().unwrap().push(ticket.key().to_string());
        tokio::task::yield_now().await;
        drop(place);
    })
}

#[tokio::test]
async fn the_queue_is_bounded_and_the_next_in_line_enters() {
    let admission = admission(1, 1);
    let first = admission.enter(&Ticket::default()).await.unwrap();
    let entered = Arc::default();
    let second = wait(&admission, Ticket::default(), &entered);
    tokio::task::yield_now().await;
    let refused = admission.enter(&Ticket::default()).await.unwrap_err();
    assert_eq!(refused.retry_after, Duration::from_secs(2));
    assert_eq!((admission.running(), admission.waiting()), (1, 1));
    drop(first);
    second.await.unwrap();
    assert_eq!((admission.running(), admission.waiting()), (0, 0));
}

#[tokio::test]
async fn a_cancelled_request_gives_up_even_a_place_it_was_just_given() {
    let admission = admission(1, 2);
    let first = admission.enter(&Ticket::default()).await.unwrap();
    let entered = Arc::default();
    let second = wait(&admission, Ticket::default(), &entered);
    let third = wait(&admission, Ticket::default(), &entered);
    tokio::task::yield_now().await;
    assert_eq!(admission.waiting(), 2);
    third.abort();
    assert!(third.await.is_err());
    assert_eq!(admission.waiting(), 1);
    // It is given a place, and dropped before it is polled again.
    drop(first);
    second.abort();
    assert!(second.await.is_err());
    assert_eq!((admission.running(), admission.waiting()), (0, 0));
    assert!(entered.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_wait_is_bounded() {
    let admission = admission(1, 1);
    let _first = admission.enter(&Ticket::default()).await.unwrap();
    assert!(admission.enter(&Ticket::default()).await.is_err());
    assert_eq!((admission.running(), admission.waiting()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_estimates_when_the_queue_is_done() {
    let admission = admission(2, 3);
    for _ in 0..50 {
        let place = admission.enter(&Ticket::default()).await.unwrap();
        tokio::time::advance(Duration::from_secs(4)).await;
        drop(place);
    }
    let _inside = [
        admission.enter(&Ticket::default()).await.unwrap(),
        admission.enter(&Ticket::default()).await.unwrap(),
    ];
    let entered = Arc::default();
    let waiting: Vec<_> = (0..3)
        .map(|_| wait(&admission, Ticket::default(), &entered))
        .collect();
    tokio::task::yield_now().await;
    let refused = admission.enter(&Ticket::default()).await.unwrap_err();
    assert_eq!(refused.retry_after, Duration::from_secs(8));
    for waiting in waiting {
        waiting.abort();
    }
}

#[tokio::test]
async fn keys_take_turns_and_batches_come_last() {
    let admission = admission(1, 100);
    let first = admission.enter(&Ticket::default()).await.unwrap();
    let entered = Arc::default();
    let mut waiting = Vec::new();
    for (key, priority, number) in [
        ("bulk", Priority::Batch, 2),
        ("greedy", Priority::Interactive, 4),
        ("modest", Priority::Interactive, 2),
    ] {
        for _ in 0..number {
            waiting.push(wait(&admission, Ticket::new(key, priority), &entered));
            tokio::task::yield_now().await;
        }
    }
    drop(first);
    for waiting in waiting {
        waiting.await.unwrap();
    }
    assert_eq!(
        *entered.lock().unwrap(),
        [
            "greedy", "modest", "greedy", "modest", "greedy", "greedy", "bulk", "bulk"
        ]
    );
}

#[tokio::test]
async fn a_joined_ticket_becomes_as_urgent() {
    let admission = admission(1, 100);
    let first = admission.enter(&Ticket::default()).await.unwrap();
    let entered = Arc::default();
    let joined = Ticket::new("joined", Priority::Batch);
    let mut waiting = Vec::new();
    for ticket in [
        Ticket::new("bulk", Priority::Batch),
        joined.clone(),
        Ticket::new("joined", Priority::Interactive),
        Ticket::new("another", Priority::Interactive),
        Ticket::new("another", Priority::Interactive),
    ] {
        waiting.push(wait(&admission, ticket, &entered));
        tokio::task::yield_now().await;
    }
    joined.join(&Ticket::new("other", Priority::Batch));
    assert_eq!(joined.priority(), Priority::Batch);
    joined.join(&Ticket::new("other", Priority::Interactive));
    joined.join(&Ticket::new("other", Priority::Batch));
    drop(first);
    for waiting in waiting {
        waiting.await.unwrap();
    }
    let order = ["joined", "another", "joined", "another", "bulk"];
    assert_eq!(*entered.lock().unwrap(), order, "its turn among equals");
}

#[test]
fn requests_of_a_key_that_become_urgent_keep_their_order() {
    let mut line = WaitingLine::default();
    let mut waiting: Vec<_> = (0..3)
        .map(|_| {
            let ticket = Ticket::new("a", Priority::Batch);
            let (call, called) = oneshot::channel();
            line.join(&ticket, call);
            (ticket, called)
        })
        .collect();
    line.next().unwrap().send(()).unwrap();
    for (ticket, _) in &waiting[1..] {
        ticket.join(&Ticket::new("b", Priority::Interactive));
    }
    line.next().unwrap().send(()).unwrap();
    let called: Vec<_> = waiting
        .iter_mut()
        .map(|(_, called)| called.try_recv().is_ok())
        .collect();
    assert_eq!(called, [true, true, false]);
}

#[tokio::test]
async fn new_settings_keep_running_generations() {
    let admission = admission(1, 0);
    let inside = admission.enter(&Ticket::default()).await.unwrap();
    let renewed = admission.renewed(AdmissionSettings {
        concurrency: 1,
        queue_length: 7,
        queue_wait: Duration::from_secs(1),
    });
    assert_eq!(renewed.running(), 1);
    drop(inside);
    assert_eq!((admission.running(), renewed.running()), (0, 0));
}

#[tokio::test]
async fn concurrency_changes_while_generations_run() {
    let rules = |concurrency| AdmissionSettings {
        concurrency,
        queue_length: 2,
        queue_wait: Duration::from_mins(1),
    };
    let one = Admission::new(rules(1));
    let first = one.enter(&Ticket::default()).await.unwrap();
    let ticket = Ticket::default();
    let second = one.enter(&ticket);
    tokio::pin!(second);
    assert!(futures::poll!(&mut second).is_pending());
    let two = one.renewed(rules(2));
    assert!(futures::poll!(&mut second).is_pending(), "not yet");
    two.take_over();
    let second = second.await.unwrap();
    assert_eq!(two.running(), 2);

    one.renewed(rules(1)).take_over();
    drop(first);
    let third = one.enter(&ticket);
    tokio::pin!(third);
    assert!(futures::poll!(&mut third).is_pending(), "the second is in");
    drop(second);
    third.await.unwrap();
}
